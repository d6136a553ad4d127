"""Every query of the dashboards, of their variables and of Grafana's alerts is answered by a real Prometheus, which scrapes
a real exporter on a host with connections in all states."""

import os
import re
import subprocess
import types

import pytest
import yaml

from support import grafana, netns
from support.exporter import Daemon
from support.project import PROJECT
from support.prometheus import Prometheus
from support.sockets import client_time_wait, established, listen, server_time_wait
from support.waiting import wait_for

RULES = sorted((PROJECT / "deploy/prometheus/rules").glob("*.yml"))
SCRAPE_INTERVAL, SHOWN = 1, 300  # seconds
PORTS = 200
V4, V6 = "127.0.0.1:8080", "[::1]:8081"


@pytest.fixture(scope="module")
def host(root_rights, tmp_path_factory):
    """A Prometheus with all rules, and an exporter: of a namespace that is nearly out of ports, and of an empty one."""
    directory = tmp_path_factory.mktemp("grafana")
    netns.enter_fresh()
    netns.sysctl("ipv4.ip_local_port_range", f"40000 {39999 + PORTS}")
    netns.sysctl("ipv4.tcp_tw_reuse", 0)
    sockets = open_connections()
    with subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as other:
        wait_for(lambda: not os.path.samefile(f"/proc/{other.pid}/ns/net", "/proc/self/ns/net"))
        config = directory / "exporter.yml"
        config.write_text(f"poll: {{interval: 200ms}}\n"
                          f"network_namespaces: [{{name: app, path: /proc/{other.pid}/ns/net}}]\n")
        with Daemon(f"--config.file={config}", listen="127.0.0.1:10048") as daemon, \
                Prometheus(directory, configuration=configuration(directory, daemon)) as prometheus:
            yield types.SimpleNamespace(prometheus=prometheus, instance=f"{daemon.host}:{daemon.port}")
        other.stdin.close()
    for each in sockets:
        each.close()


def open_connections():
    """In all the states that panels show, either side closing first; and a program on a port of the range."""
    v4, v6, in_range = listen("127.0.0.1", 8080), listen("::1", 8081), listen("127.0.0.1", 40100)
    sockets = [v4, v6, in_range]
    for listener in (v4, v6):
        sockets += established(listener)
    half_closed_there, server = established(v4)
    server.close()
    client, half_closed_here = established(v4)
    client.close()
    server_time_wait(v4, 2)
    client_time_wait(v4, 2)
    for _ in range(int(0.93 * PORTS)):
        sockets += established(v4)
    return [*sockets, half_closed_there, half_closed_here]


def configuration(directory, daemon):
    """What ships, but that rules are evaluated each second."""
    files = []
    for file in RULES:
        rules = yaml.safe_load(file.read_text())
        for group in rules["groups"]:
            group["interval"] = "1s"
        files.append(directory / file.name)
        files[-1].write_text(yaml.safe_dump(rules))
    return {"global": {"scrape_interval": f"{SCRAPE_INTERVAL}s"}, "rule_files": [str(file) for file in files],
            "scrape_configs": [{"job_name": "timewait",
                                "static_configs": [{"targets": [f"{daemon.host}:{daemon.port}"]}]}]}


def queries(dashboard, **choice):
    """[(panel or what else asks, query)] as they are sent."""
    values = grafana.chosen(dashboard, **choice)
    asked = [(panel["title"], target["expr"]) for panel, target in grafana.targets(dashboard)]
    asked += [("annotation", query) for query in grafana.annotation_queries(dashboard)]
    return [(what, grafana.interpolated(query, values, SHOWN, SCRAPE_INTERVAL)) for what, query in asked]


def wait_until_answered(prometheus, asked):
    """Fails with those that are not."""
    unanswered = asked

    def all_answered():
        nonlocal unanswered
        unanswered = [(what, query) for what, query in unanswered if not prometheus.query(query)]
        return not unanswered

    try:
        wait_for(all_answered, timeout=60, pause=0.5)
    except AssertionError:
        assert unanswered == []


@pytest.fixture(params=grafana.DASHBOARDS, ids=lambda file: file.stem)
def dashboard(request):
    return grafana.read(request.param)


def test_every_query_of_a_dashboard_is_answered(host, dashboard):
    asked = queries(dashboard)
    assert len(asked) >= 14
    wait_until_answered(host.prometheus, asked)


def test_variables_find_what_can_be_chosen(host):
    dashboard = grafana.read(grafana.FOLDER / "dashboards/timewait-exporter.json")

    def offered(name):
        query = grafana.interpolated(grafana.variables(dashboard)[name]["query"], grafana.chosen(dashboard), SHOWN, 1)
        selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", query).groups()
        return {labels[label] for labels, _ in host.prometheus.query(f"count by ({label}) ({selector})") if label in labels}

    wait_for(lambda: offered("netns"), timeout=60)
    assert offered("job") == {"timewait"}
    assert offered("instance") == {host.instance}
    assert offered("netns") == {"app"}
    assert {V4, V6} <= offered("peer")


@pytest.mark.parametrize("peers", [[V6], [V4, V6]], ids=["one", "two"])
def test_peers_that_are_chosen_are_shown_and_no_others(host, peers):
    dashboard = grafana.read(grafana.FOLDER / "dashboards/timewait-exporter.json")
    ((_, query),) = [each for each in queries(dashboard, peer=peers, instance=[host.instance])
                     if each[0] == "Effective headroom"]
    found = wait_for(lambda: host.prometheus.query(query), timeout=60)
    assert {labels["peer"] for labels, _ in found} == set(peers)


def test_a_namespace_that_is_chosen_is_shown_and_no_other(host):
    dashboard = grafana.read(grafana.FOLDER / "dashboards/timewait-exporter.json")
    asked = [query for what, query in queries(dashboard, netns=["app"]) if what == "Settings"]
    for query in asked:
        found = wait_for(lambda q=query: host.prometheus.query(q), timeout=60)
        assert [labels["netns"] for labels, _ in found] == ["app"]


def test_figures_are_those_of_the_host(host):
    dashboard = grafana.read(grafana.FOLDER / "dashboards/timewait-exporter.json")
    figures = {what: query for what, query in queries(dashboard) if what in (
        "Least headroom", "Peers short of ports", "Alerts that fire", "Blind exporters")}

    def value(what):
        return [value for _, value in host.prometheus.query(figures[what])]

    wait_for(lambda: value("Peers short of ports") == [1], timeout=60)
    assert 0 < value("Least headroom")[0] < 0.1
    assert value("Blind exporters") == [0]


def left_hand_side(expression):
    """That of all its comparisons: each gives 0 or 1 instead of taking series away, and ten minutes ago is now. What an
    `unless` takes away stays."""
    return re.sub(r" ([<>]|==) ", r" \1 bool ", expression.split("unless")[0].replace(" offset 10m", ""))


def series(expression):
    return re.findall(r"\b(?:timewait_\w+|up)\b(?:\{[^}]*\})?", expression)


def test_the_query_of_every_alert_is_answered(host):
    rules = yaml.safe_load((grafana.FOLDER / "provisioning/alerting/rules.yml").read_text())
    expressions = {rule["title"]: rule["data"][0]["model"]["expr"] for group in rules["groups"] for rule in group["rules"]}
    assert len(expressions) >= 18
    asked = [(name, query) for name, expression in expressions.items()
             for query in (left_hand_side(expression), *series(expression))]
    assert len(asked) >= 2 * len(expressions)
    wait_until_answered(host.prometheus, asked)
