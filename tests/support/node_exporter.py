"""Debian's node_exporter, to compare with."""

import shutil
import socket
import subprocess

from support.http_client import ask, connect
from support.waiting import wait_for


class NodeExporter:
    """A running node_exporter with that one collector; a context manager that stops it."""

    host, port = "127.0.0.1", 9100

    def __init__(self, *flags, collector="uname"):
        program = shutil.which("prometheus-node-exporter")
        assert program, "run the tests through ./dev test, which fetches node_exporter"
        self.process = subprocess.Popen(
            [program, f"--web.listen-address={self.host}:{self.port}", "--collector.disable-defaults",
             f"--collector.{collector}", *flags], stderr=subprocess.DEVNULL)
        wait_for(self._listens)

    def _listens(self):
        assert self.process.poll() is None, "node_exporter did not start"
        with socket.socket() as probe:
            return probe.connect_ex((self.host, self.port)) == 0

    def get(self, path="/metrics", method="GET", headers=None, tls=None):
        """(status, headers, body) of one request."""
        return ask(connect(self.host, self.port, tls), path, method, headers)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)
