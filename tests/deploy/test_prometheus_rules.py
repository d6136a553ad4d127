"""The rules for Prometheus: clean, about metrics that exist, and right by their unit tests in rules/."""

import re
import subprocess

import pytest
import yaml

from support.project import PROJECT
from support.prometheus import tool
from support.prometheus_rules import FILES, alerts, rules

UNIT_TESTS = sorted((PROJECT / "tests/deploy/rules").glob("*.yml"))
REFERENCE = (PROJECT / "src/exposition/METRICS.md").read_text(encoding="utf-8")
# `name` | type | `label`, `label` |
METRICS = dict(re.findall(r"^\| `(\w+)` \| (?:gauge|counter|histogram) \| ?([^|]*)\|", REFERENCE, re.MULTILINE))
# Those of the scrape, of a network namespace, and those that the rules themselves give.
OTHER_LABELS = {"job", "instance", "netns", "setting", "peer_group"}
WORDS = {"and", "or", "unless", "on", "by", "without", "ignoring", "group_left", "offset", "bool", "min", "max", "sum",
         "count", "bottomk", "rate", "changes", "absent", "time", "clamp_min", "min_over_time", "max_over_time",
         "last_over_time", "label_replace"}


def promtool(*arguments):
    """What it has to say, or nothing if all is well."""
    result = subprocess.run([tool("promtool"), *arguments], capture_output=True, text=True, timeout=120, check=False)
    return "" if result.returncode == 0 else result.stdout + result.stderr


def test_the_linter_has_nothing_to_say():
    assert {file.name for file in FILES} == {"alerts.yml", "fleet.yml", "recording.yml"}
    assert promtool("check", "rules", "--lint=all", "--lint-fatal", *FILES) == ""


def test_the_example_configuration_is_one():
    assert promtool("check", "config", "--lint=all", "--lint-fatal", PROJECT / "deploy/prometheus/prometheus.yml") == ""


@pytest.mark.parametrize("file", UNIT_TESTS, ids=lambda file: file.stem)
def test_unit_tests(file):
    assert promtool("test", "rules", file) == ""


def test_each_alert_is_seen_to_fire_and_to_be_silent():
    checks = [check for file in UNIT_TESTS for test in yaml.safe_load(file.read_text(encoding="utf-8"))["tests"]
              for check in test.get("alert_rule_test", [])]
    assert {check["alertname"] for check in checks if check.get("exp_alerts")} == alerts().keys()
    assert {check["alertname"] for check in checks if not check.get("exp_alerts")} == alerts().keys()


def test_each_rule_that_records_is_seen_to_do_so():
    tested = "".join(file.read_text(encoding="utf-8") for file in UNIT_TESTS)
    assert [rule["record"] for rule in rules() if "record" in rule and f"expr: {rule['record']}" not in tested] == []


def test_each_alert_says_what_it_is_and_where_its_runbook_is():
    places = set()
    for name, alert in alerts().items():
        assert alert["labels"]["severity"] in {"critical", "warning", "info"}, name
        notes = alert["annotations"]
        assert notes.keys() == {"summary", "description", "runbook_url"}, name
        assert re.fullmatch(r"[^{}]+\.", notes["summary"]), name
        assert "{{" in notes["description"] and notes["description"].endswith("."), name
        place, page = notes["runbook_url"].rsplit("/", 1)
        assert page == f"{name}.md"
        places.add(place)
    assert len(places) == 1


def words_of(expression):
    """Names of metrics, labels, functions and operators in it."""
    return set(re.findall(r"[a-zA-Z_][a-zA-Z0-9_:]*", re.sub(r'"[^"]*"|\[\w+\]|offset \w+|\b\d\w*', " ", expression)))


def test_what_the_rules_name_exists():
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    labels = set(re.findall(r"`(\w+)`", "".join(METRICS.values()))) | OTHER_LABELS
    known = METRICS.keys() | recorded | labels | WORDS | {"up"}
    assert {"timewait_sockets", "process_open_fds"} <= METRICS.keys() and {"peer", "state"} <= labels
    for rule in rules():
        words = words_of(rule["expr"])
        assert words - known == set(), rule
        assert words & (METRICS.keys() | recorded | {"up"}), rule
    states = {state for rule in rules() for state in re.findall(r'state="(\w+)"', rule["expr"])}
    assert states and all(f"| `{state}` |" in REFERENCE for state in states)


def test_each_that_is_recorded_is_read_by_another_rule_or_a_dashboard():
    queries = [query for file in (PROJECT / "deploy/grafana/dashboards").glob("*.json")
               for query in re.findall(r'"expr": "(.+)"', file.read_text(encoding="utf-8"))]
    queries += [rule["expr"] for rule in rules()]
    read = set(re.findall(r"\b[a-z_]+:(?:timewait_\w+|up):\w+", " ".join(queries)))
    assert {rule["record"] for rule in rules() if "record" in rule} == read


def test_alerts_need_no_rule_that_records():
    assert [name for name, alert in alerts().items() if ":" in alert["expr"].replace('"', "")] == []
