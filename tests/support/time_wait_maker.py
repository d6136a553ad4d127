"""Hundreds of thousands of TIME_WAIT sockets, for as long as a measurement takes."""

import re
import subprocess

from support import netns
from support.waiting import wait_for


def time_wait_sockets():
    """Of this network namespace, by the kernel's count."""
    with open("/proc/net/sockstat", encoding="ascii") as sockstat:
        return int(re.search(r"^TCP: .* tw (\d+)", sockstat.read(), re.MULTILINE)[1])


class TimeWaitMaker:
    """Fills this network namespace, with up to `capacity` sockets; a context manager.

    They last 60 s, whatever becomes of this object. `program`: make_time_wait, as built.
    """

    def __init__(self, program, capacity):
        netns.sysctl("ipv4.tcp_max_tw_buckets", 2 * capacity + 1)
        netns.sysctl("ipv4.tcp_tw_reuse", 0)
        self._process = subprocess.Popen([program, str(capacity)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True, bufsize=1)

    def make(self, count):
        self._process.stdin.write(f"{count}\n")
        assert self._process.stdout.readline() == "made\n", "sockets could not be made"

    def make_anew_unless(self, enough, count):
        """Leaves things alone if there are `enough`; else makes `count`, when those of before have expired.

        So all are of nearly one age, and their number stays as it is for most of a minute.
        """
        if time_wait_sockets() < enough:
            wait_for(lambda: time_wait_sockets() < 0.01 * count, timeout=120, pause=0.5)
            self.make(count)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()
