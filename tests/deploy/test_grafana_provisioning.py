"""What Grafana is provisioned with: the alerts are Prometheus's, and nothing in them means something else to Grafana."""

import re
import shlex
import subprocess

import pytest
import yaml

from support import grafana
from support.project import PROJECT

PROVISIONING = grafana.FOLDER / "provisioning"
GRAFANA_SECONDS = 10  # what intervals are to be multiples of
SECONDS = {"s": 1, "m": 60, "h": 3600}


def read(file):
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def rules_of(file):
    return [(group, rule) for group in read(file)["groups"] for rule in group["rules"]]


@pytest.fixture
def prometheus_rules():
    return {rule["alert"]: (group, rule) for group, rule in rules_of(PROJECT / "deploy/prometheus/rules/alerts.yml")}


@pytest.fixture
def grafana_rules():
    return {rule["title"]: (group, rule) for group, rule in rules_of(PROVISIONING / "alerting/rules.yml")}


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


def test_each_alert_of_prometheus_is_one_of_grafana(prometheus_rules, grafana_rules):
    assert list(grafana_rules) == list(prometheus_rules)
    for name, (_, rule) in grafana_rules.items():
        _, origin = prometheus_rules[name]
        assert rule["data"][0]["model"]["expr"] == origin["expr"]
        assert (rule["for"], rule.get("keepFiringFor")) == (origin.get("for", "0s"), origin.get("keep_firing_for"))
        assert rule["labels"] == origin["labels"]
        assert rule["annotations"].keys() == origin["annotations"].keys()


def test_intervals_are_such_as_grafana_takes_and_at_most_9_seconds_longer(prometheus_rules, grafana_rules):
    for name, (group, _) in grafana_rules.items():
        longer = seconds(group["interval"]) - seconds(prometheus_rules[name][0]["interval"])
        assert seconds(group["interval"]) % GRAFANA_SECONDS == 0
        assert 0 <= longer < GRAFANA_SECONDS


def test_a_rule_fires_for_each_series_that_prometheus_gives(grafana_rules):
    for _, rule in grafana_rules.values():
        query, answered, condition = (each["model"] for each in rule["data"])
        assert (query["instant"], query["range"]) == (True, False)
        assert set(re.findall(r"\$(\w+)", answered["expression"])) == {query["refId"]}
        assert (condition["expression"], rule["condition"]) == (answered["refId"], condition["refId"])
        assert condition["conditions"] == [{"evaluator": {"type": "gt", "params": [0]}}]
        assert (rule["noDataState"], rule["execErrState"]) == ("OK", "Error")


def test_uids_are_ones_and_told_apart(grafana_rules):
    uids = [rule["uid"] for _, rule in grafana_rules.values()]
    assert len(set(uids)) == len(uids)
    assert all(re.fullmatch(r"[a-z0-9-]{1,40}", uid) for uid in uids)


def test_each_rule_is_linked_with_a_panel(grafana_rules):
    dashboards = {each["uid"]: {panel["id"] for panel in grafana.panels(each)}
                  for each in map(grafana.read, grafana.DASHBOARDS)}
    for _, rule in grafana_rules.values():
        assert rule["panelId"] in dashboards[rule["dashboardUid"]]


def test_nothing_is_taken_for_a_variable_of_the_environment():
    """Models aside, which Grafana takes as they are."""
    files = [*PROVISIONING.rglob("*.yml"), grafana.FOLDER / "policies.yml"]
    assert len(files) == 5
    found = [(file.name, path, text) for file in files for path, text in texts(read(file)) if "$" in text]
    assert [each for each in found if ".model." not in each[1]] == []


def test_templates_ask_for_labels_and_values_where_the_dot_is_the_alert(grafana_rules):
    for _, rule in grafana_rules.values():
        for text in rule["annotations"].values():
            blocks = re.findall(r"\{\{ with [^}]*\}\}(.*?)(?:\{\{ else \}\}|\{\{ end \}\})", text)
            assert not any(re.search(r"\{\{[^}]*\.(Labels|Values)", block) for block in blocks), text
            assert set(re.findall(r"\.Values\.(\w+)", text)) <= {"A"}


def test_what_refers_to_each_other_is_there():
    (source,) = read(PROVISIONING / "datasources/prometheus.yml")["datasources"]
    (contact,) = read(PROVISIONING / "alerting/contact-points.yml")["contactPoints"]
    (policy,) = read(grafana.FOLDER / "policies.yml")["policies"]
    used = {each["datasourceUid"] for _, rule in rules_of(PROVISIONING / "alerting/rules.yml") for each in rule["data"]}
    assert used == {source["uid"], "__expr__"}
    assert {each["receiver"] for each in (policy, *policy["routes"])} == {contact["name"]}
    severities = {matcher[2] for route in policy["routes"] for matcher in route["object_matchers"]}
    assert severities == {"critical", "info"}


def test_the_readme_tells_how_to_take_another_data_source(tmp_path):
    (command,) = re.findall(r"`(sed -i [^`]*)`", (grafana.FOLDER / "README.md").read_text(encoding="utf-8"))
    file = tmp_path / "provisioning/alerting/rules.yml"
    file.parent.mkdir(parents=True)
    file.write_text((PROVISIONING / "alerting/rules.yml").read_text(encoding="utf-8"))
    subprocess.run(shlex.split(command), cwd=tmp_path, check=True, timeout=60)
    for _, rule in rules_of(file):
        query = rule["data"][0]
        assert (query["datasourceUid"], query["model"]["datasource"]["uid"]) == ("YOURS", "YOURS")
        assert query["model"]["datasource"]["type"] == "prometheus"
