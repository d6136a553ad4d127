"""Fifty exporters and a Prometheus with all rules: what is recorded of the fleet, and that the host in trouble is found."""

import re
import urllib.parse
import urllib.request

import pytest
import yaml

from support.fleet import DISCOVERED_PEERS, NAMED, TIGHT_PORTS, TIGHT_USED, Fleet, prometheus_of
from support.project import PROJECT
from support.prometheus import SERVER
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

HOSTS = 50
TIGHT = 7
MOST_SERIES_OF_A_HOST = 400
MOST_SERIES_OF_A_FEDERATION = 60
README = (PROJECT / "deploy/prometheus/README.md").read_text(encoding="utf-8")


def federated():
    """The lines that the federation in the README gets."""
    (shown,) = re.findall(r"^  ```yaml\n(  scrape_configs:.*?)^  ```$", README, re.DOTALL | re.MULTILINE)
    (job,) = yaml.safe_load(shown)["scrape_configs"]
    url = f"http://{SERVER}{job['metrics_path']}?{urllib.parse.urlencode(job['params'], doseq=True)}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return [line for line in answer.read().decode().splitlines() if not line.startswith("#")]


def test_the_host_in_trouble_is_found_among_fifty(tmp_path):
    with Fleet(tmp_path, HOSTS, tight={TIGHT}) as fleet, prometheus_of(fleet, tmp_path, "5s") as prometheus:
        def value(expression):
            return [each for _, each in prometheus.query(expression)]

        wait_for(lambda: value("job:timewait_exporter_poll_success:sum") == [HOSTS], timeout=90, pause=0.5)
        low = "job:timewait_outbound_port_effective_headroom_low:count"
        wait_for(lambda: value(low) == [1], timeout=60, pause=0.5)
        left = pytest.approx((TIGHT_PORTS - TIGHT_USED) / TIGHT_PORTS, abs=0.02)  # some are in TIME_WAIT for a minute
        assert value("job:timewait_outbound_port_effective_headroom_ratio:min") == [left]

        # The rules by peer are a group of their own, evaluated at another time.
        to_db = 'job_peer_group_state:timewait_outbound_sockets:sum{peer_group="db", state="established"}'
        open_to_db = HOSTS * sum(port == 5432 for _, port in NAMED) + TIGHT_USED - 1
        wait_for(lambda: value(to_db) == [open_to_db], timeout=90, pause=0.5)
        worst = {(labels["instance"], labels["peer"]): value for labels, value in prometheus.query(
            "job_instance_peer:timewait_outbound_port_effective_headroom_ratio:bottomk10")}
        assert worst == {(fleet.targets[TIGHT], "db"): left}
        groups = {labels["peer_group"]: value for labels, value in prometheus.query(
            "job_peer_group:timewait_outbound_port_effective_headroom_low:count")}
        assert groups == {"db": 1, "cache": 0, "api": 0, **{f":{8001 + each}": 0 for each in range(DISCOVERED_PEERS)}}

        series = value('scrape_samples_scraped{job="timewait"}')
        assert len(series) == HOSTS and max(series) < MOST_SERIES_OF_A_HOST
        lines = federated()
        assert any(line.startswith("job:timewait_exporter_poll_success:sum{") for line in lines)
        assert len(lines) < MOST_SERIES_OF_A_FEDERATION
        assert value('sum(prometheus_rule_evaluation_failures_total)') == [0]
