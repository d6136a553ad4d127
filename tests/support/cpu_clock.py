"""What a process has used of the CPU, to the nanosecond, and processes that stand still unless they are measured."""

import contextlib
import os
import signal
import time

from support.waiting import wait_for

_CPUCLOCK_SCHED = 2
_REST_SECONDS, _REST_SHARE = 0.05, 0.01


def cpu_ns(pid):
    """User and kernel mode of all its threads since it began (`MAKE_PROCESS_CPUCLOCK`, linux/posix-timers_types.h)."""
    return time.clock_gettime_ns((~pid << 3) | _CPUCLOCK_SCHED)


def cpu_ns_at_rest(pid):
    """The same, once the process has used next to nothing of a core for a moment."""
    used = cpu_ns(pid)
    while True:
        time.sleep(_REST_SECONDS)
        before, used = used, cpu_ns(pid)
        if used - before < _REST_SECONDS * _REST_SHARE * 1e9:
            return used


class Held:
    """A process that is stopped but within running(); a context manager that lets it go."""

    def __init__(self, pid):
        self._pid = pid

    def __enter__(self):
        self._stop()
        return self

    def __exit__(self, *_):
        os.kill(self._pid, signal.SIGCONT)

    @contextlib.contextmanager
    def running(self):
        """Lets it run meanwhile. Gives a function that waits for its rest: CPU ns since it was let run."""
        before = cpu_ns(self._pid)
        os.kill(self._pid, signal.SIGCONT)
        yield lambda: cpu_ns_at_rest(self._pid) - before
        self._stop()

    def _stop(self):
        os.kill(self._pid, signal.SIGSTOP)
        wait_for(self._is_stopped)

    def _is_stopped(self):
        with open(f"/proc/{self._pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "T"
