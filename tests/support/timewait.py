"""Runs the program `timewait` that the build made: its path comes in TIMEWAIT."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import termios

from support import snapshot

# What would change what it prints, but for what a test says.
_OF_THE_USER = ("COLUMNS", "LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR", "TERM")


def binary():
    return os.environ["TIMEWAIT"]


def environment(**variables):
    """That of the tests, as in a bare UTF-8 terminal, with these instead; None: without it."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_THE_USER}
    wanted = {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color"} | variables
    return kept | {name: value for name, value in wanted.items() if value is not None}


def run(*arguments, env=None, **options):
    """Runs it to its end, with its output in pipes: a CompletedProcess of text."""
    return subprocess.run([binary(), *arguments], capture_output=True, text=True, encoding="utf-8", timeout=60,
                          env=environment(**(env or {})), check=False, **options)


def table(*arguments, **options):
    """What one run prints that must not fail."""
    result = run(*arguments, **options)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def read_snapshot(*arguments, **options):
    """The JSON of one poll, held to the schema of /api/v1/snapshot."""
    return snapshot.check(json.loads(table("--json", *arguments, **options)))


def run_on_terminal(*arguments, columns=0, env=None, **options):
    """Its exit code and what a terminal of that width gets to show of stdout; 0: one that does not say."""
    ours, its = pty.openpty()
    try:
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        with subprocess.Popen([binary(), *arguments], stdout=its, stderr=subprocess.PIPE, text=True,
                              env=environment(**(env or {})), **options) as process:
            os.close(its)
            its = None
            shown = _read_to_the_end(ours)
            assert process.wait(timeout=60) is not None
            assert process.stderr.read() == ""
            return process.returncode, shown.decode().replace("\r\n", "\n")
    finally:
        for end in (ours, its):
            if end is not None:
                os.close(end)


def _read_to_the_end(terminal):
    shown = b""
    while True:
        try:
            shown += os.read(terminal, 65536)
        except OSError:  # EIO: the program has ended
            return shown
