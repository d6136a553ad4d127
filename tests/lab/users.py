"""The users: wrk, a few more of them every few seconds."""

import re
import signal
import subprocess
from pathlib import Path

_THINKING = Path(__file__).with_name("users.lua")
_REQUESTS = re.compile(r"^ *(\d+) requests in", re.MULTILINE)
_REFUSED = re.compile(r"^ *Non-2xx or 3xx responses: (\d+)$", re.MULTILINE)
_BROKEN = re.compile(r"^ *Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)$", re.MULTILINE)


class Users:
    """A context manager. `machine`: where they are; `url`: what they ask for, about once a second each."""

    def __init__(self, machine, url, duration):
        self._machine, self._url, self._duration = machine, url, duration
        self._groups = []

    def arrive(self, count):
        with self._machine.entered():
            self._groups.append(subprocess.Popen(
                ["wrk", f"--connections={count}", "--threads=1", f"--duration={self._duration:.0f}s", "--timeout=10s",
                 f"--script={_THINKING}", self._url], stdout=subprocess.PIPE, text=True))

    def leave(self):
        """What they have seen: {"requests", "errors"}."""
        seen = {"requests": 0, "errors": 0}
        for group in self._groups:
            group.send_signal(signal.SIGINT)
        for group in self._groups:
            said, _ = group.communicate(timeout=30)
            seen["requests"] += int(_REQUESTS.search(said)[1])
            for pattern in (_REFUSED, _BROKEN):
                if found := pattern.search(said):
                    seen["errors"] += sum(map(int, found.groups()))
        self._groups.clear()
        return seen

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for group in self._groups:
            group.kill()
            group.wait()
            group.stdout.close()
