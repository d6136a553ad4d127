"""`timewait top` in a terminal."""

import contextlib
import os

from support import timewait
from support.tmux import Terminal


@contextlib.contextmanager
def top(*flags, columns=100, rows=30, **variables):
    """It runs, and has polled."""
    with Terminal(columns, rows, **variables) as terminal:
        start(terminal, *flags)
        yield terminal


def start(terminal, *flags, launcher=""):
    """`launcher`: a command that starts the command that follows it."""
    terminal.enter(" ".join(["clear;", launcher, timewait.binary(), "top", *flags]))
    terminal.wait_for("polled")


def processes(terminal):
    """(the one that the shell started, the one that draws)."""
    outer, = children(terminal.shell())
    inner, = children(outer)
    return outer, inner


def children(pid):
    found = []
    for entry in os.listdir("/proc"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
            with open(f"/proc/{int(entry)}/stat", encoding="utf-8", errors="replace") as stat:
                if int(stat.read().rpartition(")")[2].split()[1]) == pid:
                    found.append(int(entry))
    return found
