"""The programs that are measured beside each other: each reads the TCP sockets of this network namespace once, when it
is asked to, and stands still otherwise."""

import os
import pathlib
import subprocess
import tempfile
import time
from typing import NamedTuple, Optional

from support import collectd, exporter
from support.cpu_clock import Held
from support.exposition import Exposition
from support.node_exporter import NodeExporter

OURS = "timewait_exporter, a poll"
ONE_WALK = "bare loop, one walk"
TWO_WALKS = "bare loop, two walks"
ONE_LESS = "bare loop, one walk that leaves out bound sockets"
TWO_LESS = "bare loop, two walks that leave out bound sockets"
SS = "ss -tan"
CAT = "cat /proc/net/tcp"
NODE_EXPORTER = "node_exporter's tcpstat, a scrape"
COLLECTD = "collectd's tcpconns, a reading"

# idiag_states. The exporter asks for sockets that are bound and not connected, too (bit 13); ss, node_exporter and
# collectd as Debian 12 has them do not.
_ALL_STATES, _LESS_STATES = "ffffffff", "fff"

_POLL_SECONDS = 2
_CONFIG = f"poll: {{interval: {_POLL_SECONDS}s, max_cpu: 100%}}\n"
_MESSAGE_BYTES = 88  # of a socket in a dump, at the least: nlmsghdr and inet_diag_msg
_ATTEMPTS = 20


class Reading(NamedTuple):
    cpu_ns: int
    seen: Optional[int]  # TIME_WAIT sockets, at least; None if it was not looked at


class _BareLoop:
    def __init__(self, stack, program):
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        stack.callback(self._process.wait, timeout=20)
        stack.enter_context(self._process.stdout)
        stack.enter_context(self._process.stdin)

    def walk(self, walks, states):
        self._process.stdin.write(f"{walks} {states}\n")
        cpu_ns, received = map(int, self._process.stdout.readline().split())
        return Reading(cpu_ns, received // _MESSAGE_BYTES)


class _Ours:
    """Its thread polls when a multiple of the interval has gone by, be it while it stood still."""

    def __init__(self, stack, directory):
        config = directory / "exporter.yml"
        config.write_text(_CONFIG, encoding="ascii")
        self._daemon = stack.enter_context(exporter.Daemon(f"--config.file={config}"))
        self._polls = self._polls_in(self._daemon.scrape())
        self._held = stack.enter_context(Held(self._daemon.process.pid))
        self._due = time.monotonic() + _POLL_SECONDS

    @staticmethod
    def _polls_in(exposition):
        return exposition.get("timewait_exporter_polls_total")

    def poll(self):
        for _ in range(_ATTEMPTS):
            time.sleep(max(0, self._due - time.monotonic()))
            with self._held.running() as used_until_rest:
                used = used_until_rest()
                exposition = self._daemon.scrape()
            self._due = time.monotonic() + _POLL_SECONDS
            polls_before, self._polls = self._polls, self._polls_in(exposition)
            # The next one may have been due right after the first.
            if self._polls == polls_before + 1:
                return Reading(used, int(exposition.get("timewait_sockets")))
        raise AssertionError("the exporter did not poll once at a time")


class _NodeExporter:
    def __init__(self, stack):
        self._server = stack.enter_context(NodeExporter(collector="tcpstat"))
        self._held = stack.enter_context(Held(self._server.process.pid))

    def scrape(self):
        with self._held.running() as used_until_rest:
            status, _, body = self._server.get()
            used = used_until_rest()
        assert status == 200, "node_exporter failed"
        return Reading(used, int(Exposition(body.decode()).get("node_tcp_connection_states", state="time_wait") or 0))


class _Collectd:
    """Reads twice when it stood still for long: at once, and again for having been late."""

    def __init__(self, stack, directory):
        self._server = stack.enter_context(collectd.Collectd(directory))
        self._held = stack.enter_context(Held(self._server.process.pid))
        self._due = time.monotonic() + collectd.INTERVAL_SECONDS

    def read(self):
        before = len(self._server.time_wait_readings())
        for _ in range(_ATTEMPTS):
            time.sleep(max(0, self._due - time.monotonic()))
            with self._held.running() as used_until_rest:
                used = used_until_rest()
            self._due = time.monotonic() + collectd.INTERVAL_SECONDS
            seen = self._server.time_wait_readings()[before:]
            if seen:
                return Reading(used // len(seen), seen[-1])
        raise AssertionError("collectd read nothing")


def _run(*command):
    null = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[null])
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, f"{command} failed"
    return Reading(round((usage.ru_utime + usage.ru_stime) * 1e9), None)


def start_all(stack):
    """{name: function that lets it read once, and returns a Reading}, until the ExitStack is closed."""
    directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
    bare = _BareLoop(stack, pathlib.Path(exporter.binary()).parent / "bare_walk")
    return {
        OURS: _Ours(stack, directory).poll,
        ONE_WALK: lambda: bare.walk("one", _ALL_STATES),
        SS: lambda: _run("ss", "-tan"),
        TWO_WALKS: lambda: bare.walk("two", _ALL_STATES),
        NODE_EXPORTER: _NodeExporter(stack).scrape,
        ONE_LESS: lambda: bare.walk("one", _LESS_STATES),
        CAT: lambda: _run("cat", "/proc/net/tcp"),
        TWO_LESS: lambda: bare.walk("two", _LESS_STATES),
        COLLECTD: _Collectd(stack, directory).read,
    }
