"""Prometheus itself: its linter and its server take what the exporter gives."""

import json
import os
import signal
import shutil
import subprocess
import urllib.parse
import urllib.request

import pytest

from support import exporter
from support.exporter import Daemon
from support.sockets import client_time_wait, established, listen
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

SERVER = "127.0.0.1:9090"


def tool(name):
    found = shutil.which(name)
    assert found, f"{name} is not in PATH: run the tests through ./dev test, which fetches it"
    return found


def test_promtool_has_nothing_to_say(keep):
    listener = keep(listen("127.0.0.1", 8080))
    keep(*established(listener))
    client_time_wait(listener, 3)
    exposition = exporter.poll_once().text
    result = subprocess.run([tool("promtool"), "check", "metrics"], input=exposition, text=True,
                            capture_output=True, timeout=60, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


class Prometheus:
    """A Prometheus server that scrapes one target."""

    def __init__(self, directory, target):
        config = directory / "prometheus.yml"
        config.write_text(json.dumps({
            "global": {"scrape_interval": "1s"},
            "scrape_configs": [{"job_name": "timewait", "static_configs": [{"targets": [target]}]}]}))
        self.log = open(directory / "prometheus.log", "wb")
        self.process = subprocess.Popen(
            [tool("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={directory}/data",
             f"--web.listen-address={SERVER}"], stdout=self.log, stderr=subprocess.STDOUT,
            env={**os.environ, "GOMAXPROCS": "2"})

    def query(self, expression):
        """[(labels, value)], or nothing while the server is not up."""
        url = f"http://{SERVER}/api/v1/query?query={urllib.parse.quote(expression)}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                result = json.load(answer)["data"]["result"]
        except OSError:
            return []
        return [(each["metric"], float(each["value"][1])) for each in result]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        self.log.close()


def test_a_real_prometheus_scrapes_it(tmp_path, keep):
    listener = keep(listen("127.0.0.1", 8080))
    keep(*established(listener))
    client_time_wait(listener, 3)
    with Daemon() as daemon, Prometheus(tmp_path, f"{daemon.host}:{daemon.port}") as prometheus:
        wait_for(lambda: prometheus.query('up == 1'), timeout=60)
        peer = '{peer="127.0.0.1:8080"}'
        ((_, used),) = wait_for(lambda: prometheus.query(f"timewait_outbound_ports_used{peer}"))
        assert used == 4
        ((_, time_wait),) = prometheus.query(
            'timewait_outbound_sockets{peer="127.0.0.1:8080",state="time_wait"}')
        assert time_wait == 3
        scraped = {labels["__name__"] for labels, _ in prometheus.query('{job="timewait"}')}
        ours = {name for name, _ in daemon.scrape().samples}
        assert ours <= scraped
        ((labels, _),) = prometheus.query("timewait_exporter_build_info")
        assert labels["version"]
