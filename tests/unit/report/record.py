"""Records what the kernel says of real sockets, for the tests beside this file: recordings/SCENE/.

    /usr/bin/python3 -B tests/unit/report/record.py [SCENE...]

As root, or as a user who may make user namespaces. Each scene is played in a network namespace of its own, in 15 s at
most. A recording holds the datagrams of a dump, each behind its length (four bytes, little-endian), and below proc/ the
files that are read besides. Afterwards look at what comes out, and take it over: UPDATE_GOLDEN=1 build/test/report_test
"""

import os
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from support import netns  # noqa: E402
from support.load import Clients, Echoless, play  # noqa: E402
from support.sockets import client_time_wait, connect, established, listen, server_time_wait, settled  # noqa: E402
from support.waiting import wait_for  # noqa: E402

RECORDINGS = Path(__file__).with_name("recordings")
SETTINGS = ("ip_local_port_range", "ip_local_reserved_ports", "tcp_tw_reuse", "tcp_tw_reuse_delay", "tcp_timestamps",
            "tcp_max_tw_buckets")
COUNTERS = ("netstat", "snmp", "sockstat")
NETLINK_SOCK_DIAG, TCPDIAG_GETSOCK, NLMSG_DONE = 4, 18, 3
REQUEST_DUMP = 0x1 | 0x300
SEQUENCE = PORT_ID = 1  # as the tests expect
INET_DIAG_REQ = "BBBB" + "48s" + "II"  # family and lengths, id, states, dbs
ALL_STATES = 0xFFFFFFFF


# --- What is recorded

def dump():
    """The datagrams with which the kernel tells of all TCP sockets."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as kernel:
        kernel.bind((PORT_ID, 0))
        body = struct.pack(INET_DIAG_REQ, socket.AF_UNSPEC, 0, 0, 0, bytes(48), ALL_STATES, 0)
        kernel.send(struct.pack("IHHII", 16 + len(body), TCPDIAG_GETSOCK, REQUEST_DUMP, SEQUENCE, 0) + body)
        while True:
            yield (datagram := kernel.recv(32 * 1024))
            if struct.unpack_from("IH", datagram)[1] == NLMSG_DONE:
                return


def record(folder):
    datagrams = list(dump())
    (folder / "dump").write_bytes(b"".join(struct.pack("<I", len(each)) + each for each in datagrams))
    for name in SETTINGS:
        copy(Path("/proc/sys/net/ipv4") / name, folder / "proc/sys/net/ipv4" / name)
    for name in COUNTERS:
        copy(Path("/proc/thread-self/net") / name, folder / "proc/thread-self/net" / name)


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())


# --- The scenes

def address(*addresses, source=None):
    """Gives the host addresses; connections to them come from `source`, or else from themselves."""
    for each in addresses:
        six = ["-6"] if ":" in each else []
        subprocess.run(["ip", *six, "address", "add", each, "dev", "lo"], check=True)
        if source is not None:
            subprocess.run(["ip", "route", "replace", "table", "local", "local", each, "dev", "lo", "src", source],
                           check=True)


def nothing(_):
    """Nobody connects, nobody listens."""


def running_out(_):
    """Sixteen connections a second to one place, of whose 200 ports few are left."""
    netns.sysctl("ipv4.ip_local_port_range", "32768 32967")
    address("10.0.0.5")
    address("10.0.0.9", source="10.0.0.5")
    server = Echoless([("10.0.0.9", 443)])
    play([Clients(("10.0.0.9", 443), lambda now: 16)], server, lambda now: now < 11.8)


def busy(keep):
    """Peers of every kind, more than are shown by name."""
    netns.sysctl("ipv4.ip_local_port_range", "32768 33267")
    netns.sysctl("ipv4.ip_local_reserved_ports", "33000-33009,40000")
    address("10.0.0.5", "10.0.0.6")
    address(*(f"10.0.0.{last}" for last in range(9, 25)), source="10.0.0.5")
    address("2001:db8:85a3::8a2e:370:7334")
    tomcat = keep(listen("127.0.0.1", 8080))
    client_time_wait(tomcat, 100)
    orders = keep(listen("10.0.0.9", 8080))
    client_time_wait(orders, 60)
    for source in ("10.0.0.5",) * 9 + ("10.0.0.6",) * 3:
        keep(*established(orders, source=source))
    database = keep(listen("10.0.0.10", 5432))
    for _ in range(30):
        keep(*established(database))
    client_time_wait(keep(listen("10.0.0.11", 443)), 440)
    client_time_wait(keep(listen("2001:db8:85a3::8a2e:370:7334", 5432)), 25)
    for last in range(20, 25):
        keep(*established(keep(listen(f"10.0.0.{last}", 80))))
    server_time_wait(tomcat, 12)
    wait_for_age(1.5)


def listeners(keep):
    """One does not accept, one does not close, one is where connect() takes ports, and a wildcard has IPv6, too."""
    netns.sysctl("ipv4.tcp_max_tw_buckets", 45)
    address("10.0.0.9", "10.0.0.10")
    slow = keep(listen("10.0.0.9", 80, backlog=2))
    for _ in range(3):
        keep(connect("10.0.0.9", 80))
    leaking = keep(listen("10.0.0.9", 8009))
    for _ in range(4):
        client, server = established(leaking)
        client.close()
        keep(server)
    keep(slow, listen("10.0.0.10", 50051), listen("::", 443))
    server_time_wait(keep(listen("10.0.0.10", 8080)), 41)


SCENES = {scene.__name__: scene for scene in (nothing, running_out, busy, listeners)}


def wait_for_age(seconds):
    """Until no TIME_WAIT socket is younger."""
    youngest = 60 - seconds

    def are_old():
        timers = subprocess.run(["ss", "-Htano", "state", "time-wait"], capture_output=True, text=True,
                                check=True).stdout
        left = [line.split("timewait,")[1].split(",")[0] for line in timers.splitlines()]
        return all(each.endswith("sec") and float(each[:-3]) <= youngest for each in left)

    wait_for(are_old, timeout=10)


def play_and_record(scene):
    netns.become_root_of_own_namespace()
    netns.enter_fresh()
    kept = []

    def keep(*sockets):
        kept.extend(sockets)
        return sockets[0]

    scene(keep)
    if scene is not running_out:
        settled()
    folder = RECORDINGS / scene.__name__
    shutil.rmtree(folder / "proc", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    record(folder)


def main():
    for name in sys.argv[1:] or SCENES:
        child = os.fork()
        if child == 0:
            play_and_record(SCENES[name])
            os._exit(0)
        if os.waitpid(child, 0)[1] != 0:
            sys.exit(f"{name}: not recorded")


if __name__ == "__main__":
    main()
