"""A real Prometheus server, and its promtool."""

import json
import os
import shutil
import signal
import subprocess
import urllib.parse
import urllib.request

SERVER = "127.0.0.1:9090"


def tool(name):
    found = shutil.which(name)
    assert found, f"{name} is not in PATH: run the tests through ./dev test, which fetches it"
    return found


class Prometheus:
    """A Prometheus server that scrapes each second; a context manager that stops it.

    `target`: the one to scrape, or None if `job`, more of the scrape configuration, finds them. `configuration`: a whole
    one instead.
    """

    def __init__(self, directory, target=None, configuration=None, **job):
        config = directory / "prometheus.yml"
        static = {"static_configs": [{"targets": [target]}]} if target else {}
        config.write_text(json.dumps(configuration or {
            "global": {"scrape_interval": "1s"},
            "scrape_configs": [{"job_name": "timewait", **static, **job}]}))
        self.log = open(directory / "prometheus.log", "wb")
        self.process = subprocess.Popen(
            [tool("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={directory}/data",
             f"--web.listen-address={SERVER}"], stdout=self.log, stderr=subprocess.STDOUT,
            env={**os.environ, "GOMAXPROCS": "2"})

    def query(self, expression):
        """[(labels, value)], or nothing while the server is not up."""
        return [(each["metric"], float(each["value"][1])) for each in self.ask("query", query=expression)]

    def query_range(self, expression, start, end):
        """[(Unix time, value)] of the one series that answers, a point each second; nothing if none does."""
        return [point for _, points in self.query_series(expression, start, end) for point in points]

    def query_series(self, expression, start, end):
        """[(labels, [(Unix time, value)])] of all series that answer, a point each second."""
        return [(each["metric"], [(float(at), float(value)) for at, value in each["values"]])
                for each in self.ask("query_range", query=expression, start=start, end=end, step=1)]

    def rule_health(self):
        """{name of a rule: "ok", "err" or "unknown", as its last evaluation went}."""
        return {rule["name"]: rule["health"] for group in self._read("rules")["groups"] for rule in group["rules"]}

    @classmethod
    def ask(cls, endpoint, **parameters):
        """The result of a query or query_range; nothing while the server is not up."""
        try:
            return cls._read(endpoint, **parameters)["result"]
        except OSError:
            return []

    @staticmethod
    def _read(endpoint, **parameters):
        url = f"http://{SERVER}/api/v1/{endpoint}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)["data"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        self.log.close()
