"""The alerts of deploy/prometheus/rules/alerts.yml: what a panel takes from them, and as Grafana-managed rules."""

import dataclasses
import math
import re

import yaml

FOLDER = "timewait_exporter"
DATASOURCE_UID = "prometheus"
CONTACT_POINT = "timewait_exporter"
_EXPRESSIONS = "__expr__"
_QUERY, _ANSWERED, _CONDITION = "A", "B", "C"
_SCHEDULER_SECONDS = 10  # what Grafana's scheduler goes by: other intervals than its multiples are refused
_UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclasses.dataclass(frozen=True)
class Limit:
    severity: str
    value: float
    is_upper: bool  # it fires above the value; else below

    def in_units_of(self, size):
        return dataclasses.replace(self, value=self.value / size)


class Alerts:
    """What the file says."""

    def __init__(self, file):
        self.groups = yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
        self._rules = {rule["alert"]: rule for group in self.groups for rule in group["rules"]}

    def limit(self, name):
        """The first number that its expression compares with."""
        rule = self._rules[name]
        comparison, number = re.search(r"([<>]) ([0-9.]+)\b", rule["expr"]).groups()
        return Limit(rule["labels"]["severity"], float(number), is_upper=comparison == ">")


# --- Rules

def rules_file(alerts, dashboard_uid, panel_of_alert):
    """What Grafana reads from provisioning/alerting. Each rule is linked with the panel about it."""
    return {"apiVersion": 1, "groups": [
        {"orgId": 1, "name": group["name"], "folder": FOLDER, "interval": _interval(group["interval"]),
         "rules": [_rule(rule, dashboard_uid, panel_of_alert[rule["alert"]]) for rule in group["rules"]]}
        for group in alerts.groups]}


def _interval(text):
    seconds = int(text[:-1]) * _UNITS[text[-1]]
    return f"{math.ceil(seconds / _SCHEDULER_SECONDS) * _SCHEDULER_SECONDS}s"


def _rule(rule, dashboard_uid, panel):
    return {
        "uid": _uid(rule["alert"]),
        "title": rule["alert"],
        "condition": _CONDITION,
        "for": rule.get("for", "0s"),
        **({"keepFiringFor": rule["keep_firing_for"]} if "keep_firing_for" in rule else {}),
        # Prometheus's ways: no series is no alert, and one that goes ends its alert at once. A query that fails is told.
        "noDataState": "OK",
        "execErrState": "Error",
        "missing_series_evals_to_resolve": 1,
        "dashboardUid": dashboard_uid,
        "panelId": panel,
        "labels": rule["labels"],
        "annotations": {name: _template(text) for name, text in rule["annotations"].items()},
        "data": [_query(rule["expr"]), _answered(), _condition()]}


def _uid(name):
    """timewait-port-headroom-low: at most 40 characters, of which no two rules may have the same."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _query(expression):
    source = {"type": "prometheus", "uid": DATASOURCE_UID}
    return {"refId": _QUERY, "relativeTimeRange": {"from": 600, "to": 0}, "datasourceUid": DATASOURCE_UID,
            "model": {"refId": _QUERY, "datasource": source, "expr": expression, "instant": True, "range": False}}


def _answered():
    """1 for each series that the query gives, whatever its value: the comparison is in the query."""
    return _expression(_ANSWERED, type="math",
                       expression=f"is_number(${_QUERY}) || is_nan(${_QUERY}) || is_inf(${_QUERY})")


def _condition():
    return _expression(_CONDITION, type="threshold", expression=_ANSWERED,
                       conditions=[{"evaluator": {"type": "gt", "params": [0]}}])


def _expression(letter, **model):
    source = {"type": _EXPRESSIONS, "uid": _EXPRESSIONS}
    return {"refId": letter, "datasourceUid": _EXPRESSIONS, "model": {"refId": letter, "datasource": source, **model}}


# --- Templates

def _template(text):
    """The same text from Grafana, without a `$`: versions differ in which of those they take for the environment's."""
    return text.replace("$labels.", ".Labels.").replace("$value", f".Values.{_QUERY}.Value")
