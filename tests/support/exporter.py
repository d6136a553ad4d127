"""Runs the exporter that the build made: its path comes in TIMEWAIT_EXPORTER."""

import os
import re
import signal
import subprocess

from support.exposition import Exposition
from support.http_client import ask, connect
from support.waiting import wait_for


def binary():
    return os.environ["TIMEWAIT_EXPORTER"]


def run(*flags, **options):
    """Runs it to its end: a CompletedProcess with text output."""
    return subprocess.run([binary(), *flags], capture_output=True, text=True, timeout=60, **options)


def poll_once(*flags, log="", **options):
    """The exposition of one poll in the caller's network namespace. `log`: what is to be said on stderr."""
    exposition, said = poll_once_and_log(*flags, **options)
    assert log in said if log else said == ""
    return exposition


def poll_once_and_log(*flags, **options):
    """The same, and what it says on stderr."""
    result = run("--once", *flags, **options)
    assert result.returncode == 0, result.stderr
    return Exposition(result.stdout), result.stderr


class Daemon:
    """A running exporter; a context manager that stops it.

    `listen` None: the flags say where. `tls`: an SSLContext, if it is to be asked by HTTPS. `launcher`: a command
    that starts the command that follows it.
    """

    def __init__(self, *flags, listen="127.0.0.1:0", tls=None, launcher=(), **options):
        self._log = []
        self.tls = tls
        where = [] if listen is None else [f"--web.listen-address={listen}"]
        self.process = subprocess.Popen(
            [*launcher, binary(), *where, *flags],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
            **options)
        self.host, self.port = self._read_address()

    def _read_address(self):
        for line in self.process.stderr:
            self._log.append(line)
            match = re.search(r'(?:address"?[=:]"?)(.+?):(\d+)"?[ ,}]', line)
            if match and "listening" in line:
                return match.group(1).strip("[]"), int(match.group(2))
        raise AssertionError(f"never listened: {''.join(self._log)}")

    def connection(self, tls=None):
        return connect(self.host, self.port, tls or self.tls)

    def get(self, path="/metrics", method="GET", headers=None, tls=None):
        """(status, headers, body) of one request."""
        return ask(self.connection(tls), path, method, headers)

    def scrape(self):
        status, _, body = self.get()
        assert status == 200
        return Exposition(body.decode())

    def scrape_after_poll(self):
        """A scrape of a poll that began after the call."""
        polls = self.scrape().get("timewait_exporter_polls_total")
        return wait_for(lambda: (lambda e: e if e.get("timewait_exporter_polls_total") >= polls + 2
                                 else None)(self.scrape()))

    def wait_for_log(self, *words):
        """The next line of the log that holds all of them."""
        for line in self.process.stderr:
            self._log.append(line)
            if all(word in line for word in words):
                return line
        raise AssertionError(f"never said {words}: {''.join(self._log)}")

    def stop(self, how=signal.SIGTERM):
        """Its exit code and the rest of its log."""
        self.process.send_signal(how)
        _, log = self.process.communicate(timeout=10)
        self._log.append(log)
        return self.process.returncode, "".join(self._log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Asked to end, since what is killed tells no leaks; killed all the same if a test has stopped it for good.
        try:
            if self.process.poll() is None:
                self.process.terminate()
                self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()
