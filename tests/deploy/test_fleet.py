"""Fifty exporters, a real Prometheus with all rules: what is recorded of the fleet, and that the host in trouble is found."""

import pytest

from support.fleet import DISCOVERED_PEERS, NAMED, TIGHT_PORTS, TIGHT_USED, Fleet, prometheus_of
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

HOSTS = 50
TIGHT = 7
MOST_SERIES_OF_A_HOST = 400


def test_the_host_in_trouble_is_found_among_fifty(tmp_path):
    with Fleet(tmp_path, HOSTS, tight={TIGHT}) as fleet, prometheus_of(fleet, tmp_path, "5s") as prometheus:
        def value(expression):
            return [each for _, each in prometheus.query(expression)]

        wait_for(lambda: value("job:timewait_exporter_poll_success:sum") == [HOSTS], timeout=90, pause=0.5)
        low = "job:timewait_outbound_port_effective_headroom_low:count"
        wait_for(lambda: value(low) == [1], timeout=60, pause=0.5)
        left = pytest.approx((TIGHT_PORTS - TIGHT_USED) / TIGHT_PORTS, abs=0.01)
        assert value("job:timewait_outbound_port_effective_headroom_ratio:min") == [left]

        def worst():
            return {(labels["instance"], labels["peer"]): value for labels, value in prometheus.query(
                "job_instance_peer:timewait_outbound_port_effective_headroom_ratio:bottomk10")}

        assert wait_for(worst, timeout=60, pause=0.5) == {(fleet.targets[TIGHT], "db"): left}

        groups = {labels["peer_group"]: value for labels, value in prometheus.query(
            "job_peer_group:timewait_outbound_port_effective_headroom_low:count")}
        assert groups == {"db": 1, "cache": 0, "api": 0, **{f":{8001 + each}": 0 for each in range(DISCOVERED_PEERS)}}
        (open_to_db,) = value('job_peer_group_state:timewait_outbound_sockets:sum{peer_group="db", state="established"}')
        assert open_to_db == HOSTS * sum(port == 5432 for _, port in NAMED)

        series = value('scrape_samples_scraped{job="timewait"}')
        assert len(series) == HOSTS and max(series) < MOST_SERIES_OF_A_HOST
        assert value('sum(prometheus_rule_evaluation_failures_total)') == [0]
