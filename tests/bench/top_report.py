"""How long it takes from a key to the screen in `timewait top`, while it polls a host with very many sockets.

Run by ./dev bench top, in a network namespace of its own. Keys are typed into the filter, at times that have nothing to
do with the polls, and what comes back is waited for. Prints a table, and judges nothing.
"""

import os
import pathlib
import pty
import random
import select
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from support import netns, timewait  # noqa: E402
from support.time_wait_maker import TimeWaitMaker, time_wait_sockets  # noqa: E402

SOCKETS = 400_000
SECONDS = 30  # sockets last 60
CONFIG = "poll: {max_cpu: 100%}\n"  # a poll each second, whatever it costs
KEY, ESCAPE = b"#", b"\x1b"  # the key is nowhere else on the screen
KEYS_IN_A_FILTER = 20


class Top:
    """It runs on a terminal that nobody draws; a context manager."""

    def __init__(self, config):
        self._terminal, its = pty.openpty()
        self._process = subprocess.Popen([timewait.binary(), "top", f"--config.file={config}"], stdin=its, stdout=its,
                                         start_new_session=True, env=timewait.environment())
        os.close(its)
        self.read_until(b"polled")

    def read_until(self, expected, timeout=10):
        shown = b""
        while expected not in shown:
            assert select.select([self._terminal], [], [], timeout)[0], f"no {expected} in {shown}"
            shown += os.read(self._terminal, 65536)

    def read_for(self, seconds):
        """What comes in that time is not looked at."""
        end = time.monotonic() + seconds
        while select.select([self._terminal], [], [], max(0, end - time.monotonic()))[0]:
            os.read(self._terminal, 65536)

    def press(self, key):
        os.write(self._terminal, key)

    def is_polling(self):
        """Whether a thread of it besides the first runs."""
        child, = children(self._process.pid)
        threads = pathlib.Path(f"/proc/{child}/task").iterdir()
        return any((thread / "stat").read_text().rpartition(")")[2].split()[0] == "R"
                   for thread in threads if thread.name != str(child))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(timeout=20)
        os.close(self._terminal)


def children(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def measure(top):
    """(seconds, whether it was polling) of each key."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        top.press(b"/")
        for _ in range(KEYS_IN_A_FILTER):
            top.read_for(random.uniform(0.005, 0.06))
            polling, begin = top.is_polling(), time.perf_counter()
            top.press(KEY)
            top.read_until(KEY)
            yield time.perf_counter() - begin, polling
        top.press(ESCAPE)
        top.read_for(0.2)


def row(name, seconds):
    seconds = sorted(seconds)
    if not seconds:
        return f"| {name} | 0 | | | |"
    figures = (statistics.median(seconds), seconds[int(0.99 * (len(seconds) - 1))], seconds[-1])
    return f"| {name} | {len(seconds)} | {' | '.join(f'{figure * 1000:.1f}' for figure in figures)} |"


def main():
    netns.become_root_of_own_namespace()
    netns.enter_fresh()
    maker = pathlib.Path(timewait.binary()).parent / "make_time_wait"
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as config, TimeWaitMaker(maker, SOCKETS) as sockets:
        config.write(CONFIG)
        config.flush()
        sockets.make(SOCKETS)
        with Top(config.name) as top:
            measured = list(measure(top))
        print(f"{time_wait_sockets():,} TIME_WAIT sockets at the end\n")
    print("| from a key to the screen, ms | keys | median | 99 % | most |\n|---|---|---|---|---|")
    print(row("while a poll runs", [seconds for seconds, polling in measured if polling]))
    print(row("otherwise", [seconds for seconds, polling in measured if not polling]))


if __name__ == "__main__":
    main()
