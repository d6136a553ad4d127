"""A real Prometheus and a real Alertmanager with the project's rules and examples, and a receiver of notifications."""

import json
import os
import pathlib
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import yaml

from support import sandbox
from support.project import PROJECT
from support.prometheus import Prometheus, tool
from support.waiting import wait_for

_SHIPPED = PROJECT / "deploy/prometheus"
_ALERTMANAGER = "127.0.0.1", 9093
_RECEIVERS = "127.0.0.1", 9099  # as the alertmanager.yml that is shipped has them


class Receiver:
    """A webhook that notes each notification, and when it came. A context manager."""

    def __init__(self):
        self.notifications = notifications = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                at = time.time()
                notifications.extend({"at": at, "status": alert["status"], **alert["labels"]}
                                     for alert in body["alerts"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(_RECEIVERS, Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class Alertmanager:
    """With the configuration that is shipped; a context manager."""

    def __init__(self, directory):
        program = pathlib.Path(tool("prometheus-alertmanager"))
        # Debian's reads its templates in /usr/share, where they are not if it is not installed.
        templates = program.parents[1] / "share"
        with open(directory / "alertmanager.log", "wb") as log:
            self.process = subprocess.Popen(
                [program, f"--config.file={_SHIPPED}/alertmanager.yml",
                 f"--storage.path={directory}/alertmanager", "--cluster.listen-address="],
                stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "GOMAXPROCS": "2"},
                preexec_fn=lambda: sandbox.replace_folder("/usr/share", templates))
        wait_for(self._listens, timeout=30)

    def _listens(self):
        assert self.process.poll() is None, "Alertmanager has ended"
        with socket.socket() as probe:
            return probe.connect_ex(_ALERTMANAGER) == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)


def prometheus(directory, exporter, interval):
    """A Prometheus with the configuration that is shipped, but for these two; a context manager."""
    configuration = yaml.safe_load((_SHIPPED / "prometheus.yml").read_text(encoding="utf-8"))
    configuration["global"] = {"scrape_interval": interval, "evaluation_interval": interval}
    configuration["rule_files"] = [str(_SHIPPED / file) for file in configuration["rule_files"]]
    (job,) = configuration["scrape_configs"]
    job["static_configs"] = [{"targets": [exporter]}]
    return Prometheus(directory, configuration=configuration)
