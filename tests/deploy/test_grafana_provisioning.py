"""What Grafana is provisioned with: the alerts are Prometheus's, and nothing in them means something else to Grafana."""

import re
import shlex
import subprocess

import pytest
import yaml

from support import grafana, prometheus_rules

PROVISIONING = grafana.FOLDER / "provisioning"
ALERTS = prometheus_rules.FOLDER / "alerts.yml"
ALERTMANAGER = prometheus_rules.FOLDER.parent / "alertmanager.yml"
GRAFANA_SECONDS = 10  # what intervals are to be multiples of
SECONDS = {"s": 1, "m": 60, "h": 3600}


def read(file):
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@pytest.fixture
def grafana_rules():
    """{name: rule}"""
    found = prometheus_rules.rules(PROVISIONING / "alerting/rules.yml")
    by_name = {rule["title"]: rule for rule in found}
    assert len(by_name) == len(found)
    return by_name


def intervals(file, name):
    """{name of a rule: how often it is evaluated}"""
    return {rule[name]: group["interval"] for group in read(file)["groups"] for rule in group["rules"]}


def seconds(duration):
    return int(duration[:-1]) * SECONDS[duration[-1]]


def texts(value, path=""):
    """(where, text) of each text in it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from texts(each, f"{path}.{key}")
    elif isinstance(value, list):
        for each in value:
            yield from texts(each, path)


def as_prometheus_has_it(text):
    return text.replace(".Labels.", "$labels.").replace(".Values.A.Value", "$value")


def test_each_alert_of_prometheus_is_one_of_grafana(grafana_rules):
    alerts = prometheus_rules.alerts()
    assert list(grafana_rules) == list(alerts)
    for name, rule in grafana_rules.items():
        origin = alerts[name]
        assert rule["data"][0]["model"]["expr"] == origin["expr"]
        assert (rule["for"], rule.get("keepFiringFor")) == (origin.get("for", "0s"), origin.get("keep_firing_for"))
        assert rule["labels"] == origin["labels"]
        assert {key: as_prometheus_has_it(text) for key, text in rule["annotations"].items()} == origin["annotations"]


def test_intervals_are_such_as_grafana_takes_and_at_most_9_seconds_longer():
    origin, copied = intervals(ALERTS, "alert"), intervals(PROVISIONING / "alerting/rules.yml", "title")
    for name, interval in origin.items():
        longer = seconds(copied[name]) - seconds(interval)
        assert seconds(copied[name]) % GRAFANA_SECONDS == 0
        assert 0 <= longer < GRAFANA_SECONDS


def test_a_rule_fires_for_each_series_that_prometheus_gives(grafana_rules):
    for rule in grafana_rules.values():
        query, answered, condition = (each["model"] for each in rule["data"])
        assert (query["instant"], query["range"]) == (True, False)
        assert query["refId"] == "A"
        # A share of nothing is infinite, and Prometheus alerts on it as on all that its expression gives.
        assert answered["expression"] == "is_number($A) || is_nan($A) || is_inf($A)"
        assert (condition["expression"], rule["condition"]) == (answered["refId"], condition["refId"])
        assert condition["conditions"] == [{"evaluator": {"type": "gt", "params": [0]}}]
        assert (rule["noDataState"], rule["execErrState"]) == ("OK", "Error")
        assert rule["missing_series_evals_to_resolve"] == 1


def test_uids_are_ones_and_told_apart(grafana_rules):
    uids = [rule["uid"] for rule in grafana_rules.values()]
    assert len(set(uids)) == len(uids)
    assert all(re.fullmatch(r"[a-z0-9-]{1,40}", uid) for uid in uids)


def test_nothing_is_taken_for_a_variable_of_the_environment():
    """Models aside, which Grafana takes as they are."""
    files = [*PROVISIONING.rglob("*.yml"), grafana.FOLDER / "policies.yml"]
    assert len(files) == 5
    found = [(file.name, path, text) for file in files for path, text in texts(read(file)) if "$" in text]
    assert [each for each in found if ".model." not in each[1]] == []


def test_templates_ask_for_labels_and_values_where_the_dot_is_the_alert(grafana_rules):
    for rule in grafana_rules.values():
        for text in rule["annotations"].values():
            blocks = re.findall(r"\{\{ with [^}]*\}\}(.*?)(?:\{\{ else \}\}|\{\{ end \}\})", text)
            assert not any(re.search(r"\{\{[^}]*\.(Labels|Values)", block) for block in blocks), text
            assert set(re.findall(r"\.Values\.(\w+)", text)) <= {"A"}


def test_what_refers_to_each_other_is_there(grafana_rules):
    (source,) = read(PROVISIONING / "datasources/prometheus.yml")["datasources"]
    (contact,) = read(PROVISIONING / "alerting/contact-points.yml")["contactPoints"]
    (policy,) = read(grafana.FOLDER / "policies.yml")["policies"]
    used = {each["datasourceUid"] for rule in grafana_rules.values() for each in rule["data"]}
    assert used == {source["uid"], "__expr__"}
    assert {each["receiver"] for each in (policy, *policy["routes"])} == {contact["name"]}
    severities = {matcher[2] for route in policy["routes"] for matcher in route["object_matchers"]}
    assert severities == {"critical", "info"}


def test_the_times_of_the_policies_are_those_of_alertmanager():
    """But for info, which Alertmanager tells to nobody."""
    def times(route):
        return {key: route[key] for key in ("group_wait", "group_interval", "repeat_interval") if key in route}

    (policy,) = read(grafana.FOLDER / "policies.yml")["policies"]
    route = read(ALERTMANAGER)["route"]
    (critical,) = [each for each in route["routes"] if each["matchers"] == ['severity="critical"']]
    (paged,) = [each for each in policy["routes"] if each["object_matchers"] == [["severity", "=", "critical"]]]
    assert times(policy) == times(route) and len(times(policy)) == 3
    assert times(paged) == times(critical) and len(times(paged)) == 2


def test_the_readme_tells_how_to_take_another_data_source(tmp_path):
    (command,) = re.findall(r"`(sed -i [^`]*)`", (grafana.FOLDER / "README.md").read_text(encoding="utf-8"))
    file = tmp_path / "provisioning/alerting/rules.yml"
    file.parent.mkdir(parents=True)
    file.write_text((PROVISIONING / "alerting/rules.yml").read_text(encoding="utf-8"))
    subprocess.run(shlex.split(command), cwd=tmp_path, check=True, timeout=60)
    for rule in prometheus_rules.rules(file):
        query = rule["data"][0]
        assert (query["datasourceUid"], query["model"]["datasource"]["uid"]) == ("YOURS", "YOURS")
        assert query["model"]["datasource"]["type"] == "prometheus"
