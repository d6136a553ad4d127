"""Loads on one pool, in real time: what the forecast said, second by second, and when connect() really failed.

Each scene runs in a network namespace of its own, so that many can run at once.
"""

import contextlib
import dataclasses
import errno
import heapq
import math
import random
import resource
import time
from collections.abc import Callable

from support import netns
from support.exporter import Daemon
from support.sockets import connect, listen

ADDRESS, PORT = "127.0.0.1", 80
POLL_INTERVAL = 1.0


@dataclasses.dataclass(frozen=True)
class Scene:
    name: str
    ports: int
    rate: Callable[[float], float]  # connections a second, by the seconds since the start
    seconds: float                  # ends then, or when connect() fails
    held: Callable[[], float] = lambda: 0  # seconds that a connection stays open
    standing: int = 0               # connections that are open from the beginning, and stay so
    leaked: float = 0               # a second, besides: connections that stay open
    fails: bool = True              # whether connect() is to fail in the end
    reuse: int = 0                  # tcp_tw_reuse
    time_waits: int = 100_000       # tcp_max_tw_buckets


@dataclasses.dataclass
class Record:
    samples: list  # of (seconds since the start, forecast, ports used)
    failed_at: float | None = None

    def errors(self, after):
        """(seconds since the start, seconds left in truth, error of the forecast) of each sample."""
        return [(at, self.failed_at - at, at + forecast - self.failed_at)
                for at, forecast, _ in self.samples if after <= at < self.failed_at]


class Load:
    """Opens connections at the scene's pace, and closes each, this side first."""

    def __init__(self, scene, listener):
        self._scene, self._listener = scene, listener
        self._due, self._leak_due, self._last = 0.0, 0.0, 0.0
        self._open = []  # (when to close, number, client, server)
        self._count = 0

    def go_on_until(self, now):
        """Opens what is due by now: False if connect() failed."""
        step = (now - self._last) / 20
        for i in range(20):
            self._due += self._scene.rate(self._last + (i + 0.5) * step) * step
        self._leak_due += self._scene.leaked * (now - self._last)
        self._last = now
        while self._open and self._open[0][0] <= now:
            self._close(*heapq.heappop(self._open)[2:])
        while self._due >= 1:
            self._due -= 1
            if not self._connect(now, self._scene.held()):
                return False
        while self._leak_due >= 1:
            self._leak_due -= 1
            if not self._connect(now, math.inf):
                return False
        return True

    def open_standing(self):
        for _ in range(self._scene.standing):
            assert self._connect(0, math.inf)

    def _connect(self, now, held):
        try:
            client = connect(ADDRESS, PORT)
        except OSError as error:
            assert error.errno == errno.EADDRNOTAVAIL, error
            return False
        server, _ = self._listener.accept()
        self._count += 1
        if held:
            heapq.heappush(self._open, (now + held, self._count, client, server))
        else:
            self._close(client, server)
        return True

    @staticmethod
    def _close(client, server):
        client.close()
        server.close()

    def end(self):
        for _, _, client, server in self._open:
            self._close(client, server)


def run(scene, directory):
    """Plays the scene; the caller's process moves into a fresh namespace. Files go to `directory`."""
    with prepared(scene, directory) as (daemon, load):
        return play(scene, daemon, load)


@contextlib.contextmanager
def prepared(scene, directory):
    """(Daemon, Load) in a fresh namespace."""
    netns.enter_fresh()
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    netns.sysctl("ipv4.ip_local_port_range", f"40000 {39999 + scene.ports}")
    netns.sysctl("ipv4.tcp_tw_reuse", scene.reuse)
    netns.sysctl("ipv4.tcp_max_tw_buckets", scene.time_waits)
    configuration = directory / "forecast.yml"
    configuration.write_text(f"poll:\n  interval: {POLL_INTERVAL:g}s\n"
                             f"peers:\n  - name: peer\n    match: [{{address: {ADDRESS}, port: {PORT}}}]\n",
                             encoding="utf-8")
    with listen(ADDRESS, PORT) as listener:
        load = Load(scene, listener)
        load.open_standing()
        with Daemon(f"--config.file={configuration}") as daemon:
            yield daemon, load


def play(scene, daemon, load):
    """The scene from its beginning, on the caller's time."""
    record = Record([])
    start = time.monotonic()
    next_sample = 0.5
    while (now := time.monotonic() - start) < scene.seconds:
        if not load.go_on_until(now):
            record.failed_at = time.monotonic() - start
            break
        if now >= next_sample:
            exposition = daemon.scrape()
            record.samples.append((time.monotonic() - start,
                                   exposition.get("timewait_outbound_exhaustion_seconds", peer="peer"),
                                   exposition.get("timewait_outbound_ports_used", peer="peer")))
            next_sample += 0.5
        time.sleep(0.004)
    load.end()
    return record


def burst_then(burst, seconds, rate):
    """So many connections in the first seconds, then a rate."""
    return lambda at: burst / seconds if at < seconds else rate


OVERLOAD = Scene("overload", 2000, lambda at: 60, 45)
OVERLOAD_HELD = Scene("overload, connections stay open", 2000, lambda at: 60, 45, held=lambda: math.inf)
OVERLOAD_SHORT = Scene("overload, each open for 3 s", 2000, lambda at: 60, 45, held=lambda: 3)
OVERLOAD_AFTER_CALM = Scene("overload after a calm load", 2000, lambda at: 10 if at < 20 else 60, 60)
BURST = Scene("burst, then a rate that settles", 2000, burst_then(1000, 1, 12), 80, fails=False)
FULL_TIME_WAIT_TABLE = Scene("tcp_max_tw_buckets below the ports", 2000, lambda at: 60, 50, fails=False,
                             time_waits=1000)
REUSE = Scene("tcp_tw_reuse on loopback", 2000, lambda at: 150, 40, fails=False, reuse=2)
RAMP = Scene("ramp, 2/s more each second", 2000, lambda at: 2 * at, 60)
SAWTOOTH = Scene("sawtooth, 0 to 120/s each 10 s", 2000, lambda at: 12 * (at % 10), 60)
SQUARE = Scene("10 s at 80/s, 10 s at none", 2000, lambda at: 80 if at % 20 < 10 else 0, 80)
BATCHES = Scene("batches of 250 each 5 s", 2000, lambda at: 1250 if at % 5 < 0.2 else 0, 60)
STOP = Scene("overload that stops after 20 s", 2000, lambda at: 60 if at < 20 else 0, 80, fails=False)
SETTLES = Scene("30/s, which settles at 93 %", 2000, lambda at: 30, 100, fails=False)
LEAK = Scene("10/s leak on 3,000, 20/s come and go", 5900, lambda at: 20, 220, standing=3000, leaked=10)
CHURN = Scene("3,000 stand, 60/s come and go in 10 s", 8000, lambda at: 60, 90, standing=3000, fails=False,
              held=lambda: random.expovariate(1 / 10))

SCENES = [OVERLOAD, OVERLOAD_HELD, OVERLOAD_SHORT, OVERLOAD_AFTER_CALM, RAMP, SAWTOOTH, SQUARE, BATCHES, BURST,
          SETTLES, STOP, FULL_TIME_WAIT_TABLE, REUSE, LEAK, CHURN]
