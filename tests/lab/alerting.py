"""A real Prometheus with the project's rules, a real Alertmanager, and who is notified."""

import json
import os
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import yaml

from support.project import PROJECT
from support.prometheus import Prometheus, tool

_SHIPPED = PROJECT / "deploy/prometheus"
_ALERTMANAGER, _OWNER = ("127.0.0.1", 9093), ("127.0.0.1", 9095)


class Owner:
    """Who owns the site: a webhook that notes each notification, and when it came. A context manager."""

    def __init__(self):
        self.notifications = notifications = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                at = time.time()
                notifications.extend({"at": at, "status": alert["status"], **alert["labels"]} for alert in body["alerts"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(_OWNER, Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def _url(address):
    return f"http://{address[0]}:{address[1]}/"


class Alertmanager:
    """Configured as shipped, but that all receivers are the owner's webhook; a context manager."""

    def __init__(self, directory):
        configuration = yaml.safe_load((_SHIPPED / "alertmanager.yml").read_text(encoding="utf-8"))
        configuration["receivers"] = [{"name": receiver["name"], "webhook_configs": [{"url": _url(_OWNER)}]}
                                      for receiver in configuration["receivers"]]
        file = directory / "alertmanager.yml"
        file.write_text(json.dumps(configuration))
        with open(directory / "alertmanager.log", "wb") as log:
            self.process = subprocess.Popen(
                [tool("prometheus-alertmanager"), f"--config.file={file}", f"--storage.path={directory}/alertmanager",
                 f"--web.listen-address={_ALERTMANAGER[0]}:{_ALERTMANAGER[1]}", "--cluster.listen-address="],
                stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "GOMAXPROCS": "2"})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)


def prometheus(directory, exporter, interval):
    """A Prometheus that scrapes the exporter each `interval` and tells the Alertmanager; a context manager."""
    return Prometheus(directory, configuration={
        "global": {"scrape_interval": interval, "evaluation_interval": interval},
        "rule_files": [str(file) for file in sorted((_SHIPPED / "rules").glob("*.yml"))],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"{_ALERTMANAGER[0]}:{_ALERTMANAGER[1]}"]}]}]},
        "scrape_configs": [{"job_name": "timewait", "static_configs": [{"targets": [exporter]}]}]})
