"""Clients that ask as Prometheus, a browser and a load balancer do, and look closely at each answer."""

import gzip
import http.client
import json
import pathlib
import ssl
import threading
import time

import jsonschema

from soak import checks
from support.http_client import connect
from support.project import PROJECT

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
_TIMEOUT_SECONDS = 10  # Prometheus's for a scrape
MAX_SERIES = 3000
_GONE = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, ssl.SSLEOFError)


class _Client:
    """Asks one thing again and again. `keeps`: its connection, from one request to the next.

    A kept connection may be closed while nothing is asked for; as all clients do it then asks once more, on another one.
    """

    def __init__(self, soaked, path, period, look, keeps=False, **headers):
        self._soaked, self._path, self._period, self._look, self._keeps = soaked, path, period, look, keeps
        self._headers = soaked.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection = None
        self.name = f"{soaked.name}{path}{' kept' if keeps else ''}{' ' + ', '.join(headers) if headers else ''}"
        self.asked, self.asked_again, self.slowest, self.failures, self.seen = 0, 0, 0.0, [], []

    def run(self, stop):
        next_time = time.monotonic()
        while not stop.is_set():
            self._ask_once()
            next_time = max(next_time + self._period, time.monotonic())
            stop.wait(next_time - time.monotonic())
        self._close()

    def _ask_once(self):
        begin, moment = time.monotonic(), time.time()
        self.asked += 1
        try:
            status, headers, body = self._answer()
            took = time.monotonic() - begin
            self.slowest = max(self.slowest, took)
            assert status == 200, status
            assert took < _TIMEOUT_SECONDS, f"after {took:.1f} s"
            if headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            self.seen += self._look(body.decode(), moment, time.time())
        except Exception as error:  # whatever is wrong with an answer is what all this is for
            self._close()
            self.failures.append({"client": self.name, "at": moment, "error": f"{type(error).__name__}: {error}"[:1000]})

    def _answer(self):
        is_used = self._connection is not None
        try:
            return self._request()
        except _GONE:
            self._close()
            if not is_used:
                raise
        self.asked_again += 1
        return self._request()

    def _request(self):
        if self._connection is None:
            self._connection = connect(self._soaked.daemon.host, self._soaked.daemon.port, self._soaked.daemon.tls)
        self._connection.request("GET", self._path, headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        if not self._keeps or response.will_close:
            self._close()
        return response.status, response.headers, body

    def _close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def record(self):
        return {"client": self.name, "asked": self.asked, "asked_again": self.asked_again, "slowest": self.slowest,
                "failures": self.failures, "seen": self.seen}


def look_at_metrics(openmetrics=False):
    """A look that gives how the polls fare, for the ledger."""
    counters = checks.Counters()

    def look(text, asked_at, answered_at):
        samples, counted = checks.parse(text, openmetrics)
        wrong = checks.problems(samples) + counters.fallen(samples, counted)
        assert len(samples) <= MAX_SERIES, f"{len(samples)} series"
        assert not wrong, "; ".join(wrong)
        own = checks.OWN
        return [{"asked_at": asked_at, "answered_at": answered_at, "series": len(samples),
                 "moment": samples[own + "last_poll_timestamp_seconds", frozenset()],
                 "polls": {dict(labels).get("netns", ""): value
                           for labels, value in checks.by_labels(samples, own + "polls_total").items()},
                 "errors": [[dict(labels).get("netns", ""), dict(labels)["reason"], value]
                            for labels, value in checks.by_labels(samples, own + "poll_errors_total").items() if value]}]

    return look


def look_at_snapshot():
    schema = json.loads((PROJECT / "src/exposition/snapshot.schema.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)

    def look(text, *_):
        validator.validate(json.loads(text))
        return []

    return look


def look_for(word):
    def look(text, *_):
        assert word in text, text[:200]
        return []

    return look


def ask(stop, soaked, directory):
    """For a worker: the records of the clients of one exporter; also, as they come, in a file of `directory`."""
    clients = [
        _Client(soaked, "/metrics", 0.4, look_at_metrics(), keeps=True),
        _Client(soaked, "/metrics", 0.4, look_at_metrics(), keeps=True, Accept_Encoding="gzip"),
        _Client(soaked, "/metrics", 0.5, look_at_metrics()),
        _Client(soaked, "/metrics", 0.8, look_at_metrics(openmetrics=True), keeps=True, Accept=OPENMETRICS),
        _Client(soaked, "/api/v1/snapshot", 2, look_at_snapshot(), keeps=True),
        _Client(soaked, "/", 2, look_for("</html>"), Accept_Encoding="gzip"),
        _Client(soaked, "/-/healthy", 1, look_for("Healthy.")),
        _Client(soaked, "/-/ready", 1, look_for("Ready.")),
    ]
    threads = [threading.Thread(target=client.run, args=(stop,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = [client.record() for client in clients]
    with pathlib.Path(directory, f"{soaked.name}-answers.jsonl").open("a", encoding="utf-8") as file:
        for record in records:
            print(json.dumps(record), file=file)
    return records
