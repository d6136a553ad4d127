"""Every query of the dashboards, of their variables and of Grafana's alerts is answered by a real Prometheus, which scrapes
a real exporter on a host with connections in all states."""

import http.server
import os
import re
import subprocess
import threading
import types

import pytest
import yaml

from support import grafana, netns, prometheus_rules
from support.exporter import Daemon
from support.prometheus import Prometheus, tool
from support.sockets import client_time_wait, connect, established, listen, server_time_wait
from support.waiting import wait_for

SCRAPE_INTERVAL, SHOWN = 1, 300  # seconds
PORTS = 200
V4, V6 = "127.0.0.1:8080", "[::1]:8081"
CALM = [f"127.0.0.{number}" for number in range(2, 27)]  # more of them than any panel shows peers
BLIND = "blind"  # the instance of an exporter that cannot read its kernel
HOSTS, FLEET = grafana.read(grafana.HOSTS), grafana.read(grafana.FLEET)


@pytest.fixture(scope="module")
def host(root_rights, tmp_path_factory):
    """A Prometheus with all rules, and two exporters: of a namespace that is nearly out of ports and of an empty one, and
    a blind one."""
    directory = tmp_path_factory.mktemp("grafana")
    netns.enter_fresh()
    netns.sysctl("ipv4.ip_local_port_range", f"40000 {39999 + PORTS}")
    netns.sysctl("ipv4.tcp_tw_reuse", 0)
    sockets = open_connections()
    with subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as other:
        wait_for(lambda: not os.path.samefile(f"/proc/{other.pid}/ns/net", "/proc/self/ns/net"))
        config = directory / "exporter.yml"
        config.write_text(f"poll: {{interval: 200ms}}\ndiscovery: {{max_peers: 50}}\n"
                          f"network_namespaces: [{{name: app, path: /proc/{other.pid}/ns/net}}]\n")
        with Daemon(f"--config.file={config}", listen="127.0.0.1:10048") as daemon, blind_exporter() as blind, \
                Prometheus(directory, configuration=configuration(directory, daemon, blind)) as prometheus:
            threading.Thread(target=blind.serve_forever, daemon=True).start()
            yield types.SimpleNamespace(prometheus=prometheus, instance=f"{daemon.host}:{daemon.port}")
            blind.shutdown()
        other.stdin.close()
    for each in sockets:
        each.close()


def blind_exporter():
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"timewait_exporter_build_info 1\ntimewait_exporter_poll_success 0\n")

        def log_message(self, *_):
            pass

    return http.server.ThreadingHTTPServer(("127.0.0.1", 10049), Answer)


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
    for address in CALM:
        calm = listen(address, 8080)
        sockets += [calm, *established(calm)]
    sockets.append(connect("127.0.0.1", 8080))  # waits to be accepted
    return [*sockets, half_closed_there, half_closed_here]


def configuration(directory, daemon, blind):
    """What ships, but that rules are evaluated each second."""
    files = []
    for file in prometheus_rules.FILES:
        rules = yaml.safe_load(file.read_text())
        for group in rules["groups"]:
            group["interval"] = "1s"
        files.append(directory / file.name)
        files[-1].write_text(yaml.safe_dump(rules))
    return {"global": {"scrape_interval": f"{SCRAPE_INTERVAL}s"}, "rule_files": [str(file) for file in files],
            "scrape_configs": [{"job_name": "timewait", "static_configs": [
                {"targets": [f"{daemon.host}:{daemon.port}"]},
                {"targets": [f"127.0.0.1:{blind.server_port}"], "labels": {"instance": BLIND}}]}]}


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
    def offered(name):
        query = grafana.interpolated(grafana.variables(HOSTS)[name]["query"], grafana.chosen(HOSTS), SHOWN, 1)
        selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", query).groups()
        return {labels[label] for labels, _ in host.prometheus.query(f"count by ({label}) ({selector})") if label in labels}

    wait_for(lambda: offered("netns"), timeout=60)
    assert offered("job") == {"timewait"}
    assert offered("instance") == {host.instance, BLIND}
    assert offered("netns") == {"app"}
    assert {V4, V6} <= offered("peer")


def query_of(dashboard, title, letter="A", **choice):
    """Of the panel that has this title."""
    (panel,) = [panel for panel in grafana.panels(dashboard) if panel["title"] == title]
    (target,) = [target for target in panel["targets"] if target["refId"] == letter]
    return grafana.interpolated(target["expr"], grafana.chosen(dashboard, **choice), SHOWN, SCRAPE_INTERVAL)


@pytest.mark.parametrize("peers", [[V6], [V4, V6]], ids=["one", "two"])
def test_peers_that_are_chosen_are_shown_and_no_others(host, peers):
    query = query_of(HOSTS, "Effective headroom", peer=peers, instance=[host.instance])
    found = wait_for(lambda: host.prometheus.query(query), timeout=60)
    assert {labels["peer"] for labels, _ in found} == set(peers)


@pytest.mark.parametrize("letter", "ABCDEF")
def test_a_namespace_that_is_chosen_is_shown_and_no_other(host, letter):
    query = query_of(HOSTS, "Settings", letter, netns=["app"])
    found = wait_for(lambda: host.prometheus.query(query), timeout=60)
    assert [labels["netns"] for labels, _ in found] == ["app"]


@pytest.mark.parametrize("dashboard, title, figure", [
    (HOSTS, "Peers short of ports", 1),
    (HOSTS, "Ports run out in", 3600),  # not in sight, hence as much as is shown
    (HOSTS, "Blind exporters", 1),
    (FLEET, "Hosts", 2),
    (FLEET, "Hosts short of ports", 1),
    (FLEET, "Blind hosts", 1),
    (FLEET, "Ports run out in", 3600),
], ids=lambda each: each["title"] if isinstance(each, dict) else str(each))
def test_figures_are_those_of_the_host(host, dashboard, title, figure):
    query = query_of(dashboard, title)
    wait_for(lambda: [value for _, value in host.prometheus.query(query)] == [figure], timeout=60)


@pytest.mark.parametrize("title, letter", [
    ("Pace, of what can last", "A"), ("Pace, of what can last, by peer", "A"), ("Peers, the tightest first", "C")])
def test_a_peer_whose_connections_are_all_old_has_no_pace(host, title, letter):
    query = query_of(HOSTS, title, letter, peer=[V4])
    wait_for(lambda: [value for _, value in host.prometheus.query(query)] == [0], timeout=60)


@pytest.mark.parametrize("dashboard", [HOSTS, FLEET], ids=["hosts", "fleet"])
def test_the_least_headroom_is_that_of_the_tightest_peer(host, dashboard):
    query = query_of(dashboard, "Least headroom")
    ((_, headroom),) = wait_for(lambda: host.prometheus.query(query), timeout=60)
    assert 0 < headroom < 0.1


@pytest.mark.parametrize("title, label, most", [
    ("Peers, the tightest first", "peer", 20),
    ("Effective headroom", "peer", 10),
    ("CLOSE_WAIT", "peer", 10),
    ("Accept queues, of their limit", "listener", 10),
])
def test_of_many_those_are_shown_that_matter(host, title, label, most):
    """The peer and listener of most connections; the others' could fill the panel."""
    query = query_of(HOSTS, title)
    found = wait_for(lambda: [labels[label] for labels, _ in host.prometheus.query(query)], timeout=60)
    assert V4 in found and len(found) == most < len(CALM)


def test_alerts_that_fire_are_counted_and_listed(host):
    listed, counted = query_of(HOSTS, "Which alerts fire"), query_of(HOSTS, "Alerts that fire")
    expected = {"alertname": "TimewaitPortHeadroomCritical", "severity": "critical", "instance": host.instance, "about": V4}

    def about():
        return [{**labels, "about": labels["about"].strip()} for labels, _ in host.prometheus.query(listed)]

    wait_for(lambda: expected in about(), timeout=60)
    ((_, number),) = host.prometheus.query(counted)
    assert number >= 1


@pytest.mark.parametrize("dashboard, title, answers", [
    (FLEET, "Hosts", [{"value": 3}]),
    (FLEET, "Blind hosts", [{"value": 2}]),
    (HOSTS, "Blind exporters", [{"value": 2}]),
    (HOSTS, "Exporters", [{"labels": '{instance="stopped"}', "value": 0}, {"labels": '{instance="well"}', "value": 1},
                          {"labels": '{instance="blind"}', "value": 1}]),
], ids=lambda each: each if isinstance(each, str) else "")
def test_who_does_not_answer_is_counted_if_it_is_an_exporter(tmp_path, dashboard, title, answers):
    """Half an hour after one was stopped, by Prometheus's own test of rules."""
    series = {'up{job="timewait", instance="stopped"}': "1x30 0x30",
              'timewait_exporter_build_info{job="timewait", instance="stopped"}': "1x30 stale",
              'up{job="node", instance="stopped"}': "0x60", 'up{job="node", instance="other"}': "0x60"}
    for instance, success in (("well", 1), ("blind", 0)):
        labels = f'{{job="timewait", instance="{instance}"}}'
        series |= {f"up{labels}": "1x60", f"timewait_exporter_build_info{labels}": "1x60",
                   f"timewait_exporter_poll_success{labels}": f"{success}x60"}
    query = {"expr": query_of(dashboard, title), "eval_time": "60m", "exp_samples": answers}
    file = tmp_path / "test.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(rules) for rules in prometheus_rules.FILES], "tests": [{
        "interval": "1m", "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [query]}]}))
    tested = subprocess.run([tool("promtool"), "test", "rules", file], capture_output=True, text=True, timeout=60,
                            check=False)
    assert tested.returncode == 0, tested.stdout + tested.stderr


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
