"""Hosts that something is wrong with, or seems to be, made of real sockets: what `timewait diagnose` is tried on.

As a program, `diagnose_scenes.py SCENE [FLAG...]`, it makes one in a network namespace of its own, runs the diagnosis
there and prints {"exit_code", "stdout", "stderr"}.
"""

import contextlib
import itertools
import json
import resource
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

# pylint: disable=wrong-import-position
from lab.topology import Machine
from support import netns, timewait
from support.sockets import client_time_wait, connect, established, listen, server_time_wait, settled
from support.waiting import wait_for

PORT = 8080
REMOTE, UNREACHABLE = "10.77.0.2", "10.77.0.9"
SCENES = {}


def scene(function):
    SCENES[function.__name__] = function
    return function


class Host:
    """A host with sockets; a context manager that closes them."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        self._ends = threading.Event()
        self._remote = None

    def keep(self, *sockets):
        for each in sockets:
            self._stack.enter_context(contextlib.closing(each))
        return sockets

    def listen(self, address="127.0.0.1", port=PORT, **options):
        return self.keep(listen(address, port, **options))[0]

    def remote_listener(self, port=PORT):
        """On another machine, so that only one end of a connection is here."""
        with self.remote().entered():
            return self.listen(REMOTE, port)

    def remote(self):
        if self._remote is None:
            self._remote = Machine("wire0", REMOTE)
        return self._remote

    def hold(self, listener, count, **options):
        """Connections that stay open: (client, server) of each."""
        return [self.keep(*established(listener, **options)) for _ in range(count)]

    def all_the_time(self, work):
        """Does it again and again, in this namespace, until the scene ends."""
        def run():
            while not self._ends.is_set():
                work()
        thread = threading.Thread(target=run)
        self._stack.callback(thread.join)
        self._stack.callback(self._ends.set)
        thread.start()

    def steadily(self, rate, work):
        """So often a second."""
        start = time.monotonic()
        due = (start + number / rate for number in itertools.count())

        def wait_and_work():
            time.sleep(max(0, next(due) - time.monotonic()))
            work()
        self.all_the_time(wait_and_work)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()


def ephemeral_ports(first, last):
    netns.sysctl("ipv4.ip_local_port_range", f"{first} {last}")


def bound_client(host, listener):
    """A connection of a client that calls bind(), which holds its port against all destinations."""
    client, = host.keep(socket.socket())
    client.bind(("127.0.0.1", 0))
    client.connect(listener.getsockname())
    host.keep(listener.accept()[0])


# --- Nothing is wrong

@scene
def all_well(host):
    host.hold(host.listen(), 20)
    host.hold(host.remote_listener(5432), 10)


@scene
def no_connections(_):
    pass


@scene
def server_side_time_wait(host):
    """nginx closes first, say: none of them is in the way of a connect()."""
    server_time_wait(host.listen(port=80), 3000)


@scene
def loopback_with_reuse(host):
    """More of them than there are ports, all but a second's worth to be had again."""
    ephemeral_ports(40000, 40999)
    listener = host.listen()
    client_time_wait(listener, 1000)


@scene
def many_on_loopback(host):
    client_time_wait(host.listen(), 5000)


@scene
def remote_with_reuse_for_all(host):
    netns.sysctl("ipv4.tcp_tw_reuse", 1)
    ephemeral_ports(40000, 40999)
    client_time_wait(host.remote_listener(), 950)


@scene
def spread_over_pools(host):
    """Not to be had again, but few toward each."""
    for port in range(5001, 5006):
        client_time_wait(host.remote_listener(port), 300)


@scene
def burst_that_has_ended(host):
    """Half of the ports, and nothing more comes."""
    ephemeral_ports(40000, 43999)
    client_time_wait(host.remote_listener(), 2000)


@scene
def busy_but_lasting(host):
    """Connections come and go, far fewer than the ports sustain, and each is CLOSE_WAIT for a moment."""
    listener = host.listen()

    host.steadily(50, lambda: server_time_wait(listener, 1))


# --- Ports run out

@scene
def remote_near_exhaustion(host):
    """A connection for each request, as nginx without keepalive makes them."""
    ephemeral_ports(30000, 34999)
    client_time_wait(host.remote_listener(), 4650)


@scene
def remote_churn(host):
    """Not near it yet, but far more arrive than can be sustained."""
    ephemeral_ports(40000, 47999)
    listener = host.remote_listener()
    host.steadily(250, lambda: client_time_wait(listener, 1))
    # At the first looks there may be no peer yet.
    wait_for(lambda: any(peer["arrivals_per_second"] for peer in timewait.read_snapshot()["namespaces"][0]["peers"]),
             pause=0.5)


@scene
def loopback_without_reuse(host):
    netns.sysctl("ipv4.tcp_tw_reuse", 0)
    ephemeral_ports(40000, 40999)
    client_time_wait(host.listen(), 950)


@scene
def loopback_without_timestamps(host):
    """tcp_tw_reuse does nothing then."""
    netns.sysctl("ipv4.tcp_timestamps", 0)
    ephemeral_ports(40000, 40999)
    client_time_wait(host.listen(), 950)


@scene
def connections_that_nobody_closes(host):
    """A pool without a limit."""
    ephemeral_ports(30000, 32999)
    host.hold(host.remote_listener(5432), 2800)


@scene
def connections_that_become_more(host):
    """Still few, but kept, and 45 more each second."""
    ephemeral_ports(30000, 31001)
    listener = host.remote_listener(5432)
    host.steadily(45, lambda: host.hold(listener, 1))


@scene
def peer_that_does_not_answer(host):
    """Its packets are lost: each connect() holds its port while it waits."""
    ephemeral_ports(40000, 40499)
    with host.remote().entered():
        link = subprocess.run(["ip", "-j", "link", "show", "eth0"], capture_output=True, check=True, timeout=10)
    hardware = json.loads(link.stdout)[0]["address"]
    subprocess.run(["ip", "neigh", "add", UNREACHABLE, "lladdr", hardware, "dev", "wire0"], check=True, timeout=10)
    for _ in range(480):
        client, = host.keep(socket.socket())
        client.setblocking(False)
        client.connect_ex((UNREACHABLE, PORT))


@scene
def peer_that_does_not_close(host):
    """This host has closed half of each connection, the peer never does."""
    ephemeral_ports(40000, 40499)
    for client, _ in host.hold(host.remote_listener(), 480):
        client.shutdown(socket.SHUT_WR)
    settled()


@scene
def tiny_range(host):
    ephemeral_ports(40000, 40031)
    host.hold(host.remote_listener(), 30)


@scene
def mostly_reserved_range(host):
    ephemeral_ports(32768, 60999)
    netns.sysctl("ipv4.ip_local_reserved_ports", "32800-60999")
    host.hold(host.remote_listener(), 30)


# --- Ports held by bind()

@scene
def clients_that_bind(host):
    """Toward one peer, and so held against every other: only the audit finds them."""
    ephemeral_ports(40000, 40999)
    listener = host.listen()
    for _ in range(300):
        bound_client(host, listener)
    host.hold(host.listen("127.0.0.2", 9000), 20)


@scene
def sockets_that_bind_and_wait(host):
    """Bound, and not connected: the kernel tells of these."""
    ephemeral_ports(40000, 40999)
    for _ in range(300):
        bound, = host.keep(socket.socket())
        bound.bind(("127.0.0.1", 0))
    host.hold(host.listen(), 20)


@scene
def listener_in_the_range(host):
    host.listen("127.0.0.1", 40123)
    host.hold(host.listen(), 10)


# --- Programs that do not close, or do not accept

def leak_close_wait(pairs, which):
    for pair in pairs:
        pair[1 - which].shutdown(socket.SHUT_WR)
    settled()


@scene
def close_wait_toward_a_peer(host):
    leak_close_wait(host.hold(host.remote_listener(5432), 60), which=0)


@scene
def close_wait_of_a_listener(host):
    listener = host.listen(port=80)
    leak_close_wait(host.hold(listener, 60), which=1)


@scene
def full_accept_queue(host):
    host.listen(backlog=5)
    for _ in range(6):
        host.keep(connect("127.0.0.1", PORT))


# --- The limit of TIME_WAIT sockets

@scene
def small_time_wait_limit(host):
    netns.sysctl("ipv4.tcp_max_tw_buckets", 200)
    listener = host.remote_listener()
    client_time_wait(listener, 200)

    host.steadily(30, lambda: client_time_wait(listener, 1))


# --- Of everything a little

@scene
def bound_clients_and_churn(host):
    """Each alone would be borne."""
    ephemeral_ports(40000, 40999)
    listener = host.listen("127.0.0.2", 9000)
    for _ in range(400):
        bound_client(host, listener)
    client_time_wait(host.remote_listener(), 530)


@scene
def leak_beside_harmless_time_wait(host):
    server_time_wait(host.listen(port=80), 500)
    client_time_wait(host.listen(), 500)
    leak_close_wait(host.hold(host.remote_listener(5432), 60), which=0)


# ---

def diagnose(name, flags):
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    netns.become_root_of_own_namespace()
    netns.enter_fresh()
    with Host() as host:
        SCENES[name](host)
        done = timewait.run("diagnose", *flags)
    return {"exit_code": done.returncode, "stdout": done.stdout, "stderr": done.stderr}


if __name__ == "__main__":
    print(json.dumps(diagnose(sys.argv[1], sys.argv[2:])))
