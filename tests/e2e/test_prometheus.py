"""Prometheus itself: its linter and its server take what the exporter gives."""

import subprocess

import pytest

from support import exporter
from support.exporter import Daemon
from support.prometheus import Prometheus, tool
from support.sockets import client_time_wait, established, listen
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

def test_promtool_has_nothing_to_say(keep):
    listener = keep(listen("127.0.0.1", 8080))
    keep(*established(listener))
    client_time_wait(listener, 3)
    exposition = exporter.poll_once().text
    result = subprocess.run([tool("promtool"), "check", "metrics"], input=exposition, text=True,
                            capture_output=True, timeout=60, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


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
