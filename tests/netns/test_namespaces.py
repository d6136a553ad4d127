"""Network namespaces besides the exporter's own: each as the kernel would answer in it."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from support import exporter, netns, snapshot
from support.exporter import Daemon
from support.sandbox import drop_sys_admin
from support.sockets import established, listen
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

PORT = 9000


class Namespace:
    """A network namespace with a process in it that opens connections when it is told to."""

    def __init__(self, first_port, last_port):
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-c", textwrap.dedent(f"""
                import sys
                sys.path[:0] = {sys.path!r}
                from support import netns
                from support.sockets import client_time_wait, connect_until_exhausted, established, listen
                netns.enter_fresh()
                netns.sysctl("ipv4.ip_local_port_range", "{first_port} {last_port}")
                netns.sysctl("ipv4.tcp_tw_reuse", 0)
                listener = listen("127.0.0.1", {PORT})
                held = []
                print("ready", flush=True)
                for line in sys.stdin:
                    command, count = line.split()
                    if command == "hold":
                        held += [established(listener) for _ in range(int(count))]
                    elif command == "close":
                        client_time_wait(listener, int(count))
                    else:
                        held.append(connect_until_exhausted("127.0.0.1", {PORT}))
                        print(len(held[-1]), flush=True)
                        continue
                    print("done", flush=True)
                """)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout.readline() == "ready\n"
        self.path = f"/proc/{self._process.pid}/ns/net"
        self.pid = self._process.pid

    def tell(self, command, count=0):
        self._process.stdin.write(f"{command} {count}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self._process.returncode is not None:
            return
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


def write(tmp_path, text):
    file = tmp_path / "timewait.yml"
    file.write_text("poll: {interval: 200ms}\n" + text)
    return f"--config.file={file}"


def series(exposition, metric, name, **labels):
    return exposition.get(metric, **labels, **({"netns": name} if name else {}))


def headroom(exposition, name):
    peer = f"127.0.0.1:{PORT}"
    figures = [series(exposition, f"timewait_outbound_ports_{what}", name, peer=peer)
               for what in ("capacity", "used", "reusable")]
    return figures[0] - figures[1] + figures[2]


def test_three_namespaces_with_different_ranges(tmp_path, keep):
    """The figures of each are the kernel's own answer there."""
    netns.sysctl("ipv4.ip_local_port_range", "50000 50099")
    listener = keep(listen("127.0.0.1", PORT))
    keep(*established(listener))
    with Namespace(40000, 40499) as a, Namespace(41000, 41199) as b, Namespace(42000, 42599) as c:
        a.tell("hold", 10), a.tell("close", 20)
        b.tell("close", 150)
        c.tell("hold", 333)
        flag = write(tmp_path, "network_namespaces:\n" + "".join(
            f"  - {{name: {name}, path: {each.path}}}\n" for name, each in (("a", a), ("b", b), ("c", c))))
        exposition = exporter.poll_once(flag)
        assert [series(exposition, "timewait_ephemeral_ports", name) for name in ("", "a", "b", "c")] == \
            [100, 500, 200, 600]
        assert series(exposition, "timewait_outbound_sockets", "b", peer=f"127.0.0.1:{PORT}", state="time_wait") == 150
        assert [series(exposition, "timewait_tcp_active_opens_total", name) for name in ("", "a", "b", "c")] == \
            [1, 30, 150, 333]
        for name, each in (("a", a), ("b", b), ("c", c)):
            assert int(each.tell("exhaust")) == headroom(exposition, name), name
        # The exporter's own has no label, and is its own.
        assert headroom(exposition, "") == 99
        assert exposition.get("timewait_exporter_network_namespaces") == 4


def test_one_is_deleted_and_made_anew(tmp_path):
    path = tmp_path / "app"  # what leads to the namespace at the time, as a name in /run/netns does
    flag = write(tmp_path, f"network_namespaces:\n  - {{name: app, path: {path}}}\n")
    with Daemon(flag) as daemon:
        missing = daemon.scrape_after_poll()
        assert series(missing, "timewait_exporter_poll_success", "app") == 0
        assert series(missing, "timewait_ephemeral_ports", "app") is None
        with Namespace(40000, 40499) as first:
            path.symlink_to(first.path)
            first.tell("close", 30)
            there = wait_for(lambda: with_range(daemon.scrape(), 500))
            assert series(there, "timewait_exporter_poll_success", "app") == 1
            assert series(there, "timewait_tcp_active_opens_total", "app") == 30
            path.unlink()
            gone = wait_for(lambda: with_range(daemon.scrape(), None))
            assert series(gone, "timewait_exporter_poll_success", "app") == 0
            assert series(gone, "timewait_exporter_poll_success", "") == 1
            assert series(gone, "timewait_exporter_poll_errors_total", "app", reason="namespace") > 0
        with Namespace(41000, 41099) as second, Namespace(42000, 42299) as third:
            path.symlink_to(second.path)
            back = wait_for(lambda: with_range(daemon.scrape(), 100))
            assert series(back, "timewait_tcp_active_opens_total", "app") == 0
            # From one poll to the next it is another.
            third.tell("close", 5)
            path.with_suffix(".next").symlink_to(third.path)
            path.with_suffix(".next").rename(path)
            other = wait_for(lambda: with_range(daemon.scrape(), 300))
            assert series(other, "timewait_tcp_active_opens_total", "app") == 5
            peer = f"127.0.0.1:{PORT}"
            assert series(other, "timewait_outbound_time_wait_entered_total", "app", peer=peer) == 5
            assert snapshot.read(daemon)["namespaces"][1]["history"]["time_wait_sockets"][0] == 5
        _, log = daemon.stop()
    assert log.count("reason=namespace") == 2
    assert log.count("polls succeed again") == 2


def with_range(exposition, size):
    """The exposition, if the port range of the namespace has that size; None for no such series."""
    return exposition if series(exposition, "timewait_ephemeral_ports", "app") == size else None


def test_discovery(tmp_path):
    with Namespace(40000, 40499) as a:
        a.tell("hold", 10)
        inode = os.stat(a.path).st_ino
        with Daemon(write(tmp_path, "network_namespaces:\n  - {discover: true, max: 256}\n")) as daemon:
            exposition = wait_for(lambda: (lambda e: e if e.get("timewait_exporter_network_namespaces") > 1
                                           else None)(daemon.scrape()))
            mine = [dict(labels)["netns"] for labels, value in exposition.series("timewait_ephemeral_ports").items()
                    if "netns" in dict(labels) and value == 500]
            assert len(mine) == 1, inode
            assert headroom(exposition, mine[0]) == 490


def test_a_discovered_one_that_ends_is_let_go_of_at_once(tmp_path):
    """Not only when the next look for namespaces is due, half a minute after the last: we keep it alive till then."""
    with Namespace(40000, 40499) as a, \
            Daemon(write(tmp_path, "network_namespaces:\n  - {discover: true, max: 256}\n")) as daemon:
        def is_there():
            return 500 in daemon.scrape().series("timewait_ephemeral_ports").values()

        wait_for(is_there)
        a.close()
        wait_for(lambda: not is_there(), timeout=10)


def test_a_discovered_one_that_comes_to_be_configured(tmp_path):
    """By its name or by its path: there are never two of a label, nor two labels of one."""
    discover = "  - {discover: true, max: 256}\n"
    with Namespace(40000, 40499) as a, Namespace(41000, 41299) as b:
        with Daemon(write(tmp_path, "network_namespaces:\n" + discover)) as daemon:
            def name_of(size):
                names = [dict(labels)["netns"]
                         for labels, value in daemon.scrape().series("timewait_ephemeral_ports").items()
                         if "netns" in dict(labels) and value == size]
                assert len(names) <= 1, names
                return names[0] if names else None

            first = wait_for(lambda: name_of(500))
            wait_for(lambda: name_of(300))
            # What was called so is configured to be b; a is found again, under another name.
            write(tmp_path, f"network_namespaces:\n  - {{name: {first}, path: {b.path}}}\n" + discover)
            daemon.process.send_signal(signal.SIGHUP)
            wait_for(lambda: name_of(300) == first)
            assert wait_for(lambda: name_of(500)) != first


def test_what_cannot_be_entered_holds_up_nobody(tmp_path):
    with Namespace(40000, 40499) as a:
        flag = write(tmp_path, f"network_namespaces:\n  - {{name: a, path: {a.path}}}\n")
        with Daemon(flag, preexec_fn=drop_sys_admin) as daemon:
            daemon.scrape_after_poll()
            exposition = daemon.scrape_after_poll()
            _, log = daemon.stop()
    assert series(exposition, "timewait_exporter_poll_success", "a") == 0
    assert series(exposition, "timewait_exporter_poll_success", "") == 1
    assert series(exposition, "timewait_exporter_poll_errors_total", "a", reason="namespace") >= 2
    assert log.count("reason=namespace") == 1
    assert "CAP_SYS_ADMIN" in log


def test_once_says_what_is_missing(tmp_path):
    flag = write(tmp_path, f"network_namespaces:\n  - {{name: a, path: {tmp_path}/nothing}}\n")
    exposition = exporter.poll_once(flag, log="reason=namespace")
    assert series(exposition, "timewait_exporter_poll_success", "a") == 0
    assert series(exposition, "timewait_exporter_poll_success", "") == 1


def test_only_in_its_own_are_listeners_the_exporters(tmp_path):
    """Another program listens on the same address and port in the other one."""
    with Namespace(40000, 40499) as a:
        flag = write(tmp_path, f"network_namespaces:\n  - {{name: a, path: {a.path}}}\n")
        with Daemon(flag, listen=f"127.0.0.1:{PORT}") as daemon:
            before = daemon.scrape_after_poll()
            daemon.process.send_signal(signal.SIGHUP)
            loaded_at = "timewait_exporter_config_last_reload_success_timestamp_seconds"
            wait_for(lambda: daemon.scrape().get(loaded_at) != before.get(loaded_at))
            after = daemon.scrape_after_poll()
    listener = {"listener": f"127.0.0.1:{PORT}"}
    for exposition in (before, after):
        assert exposition.get("timewait_listen_queue_limit", **listener, netns="a") is not None
        assert exposition.series("timewait_exporter_listener_info") == {frozenset(listener.items()): 1}
