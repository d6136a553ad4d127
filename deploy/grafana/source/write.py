#!/usr/bin/python3
"""Writes Grafana's files from what is here and from deploy/prometheus/rules/alerts.yml: `./dev dashboards`."""

import json
import pathlib

import yaml

import fleet
import hosts
from alerting import Alerts, rules_file
from dashboard import UID

FOLDER = pathlib.Path(__file__).resolve().parents[1]
ALERTS = FOLDER.parent / "prometheus/rules/alerts.yml"
DASHBOARDS, RULES = "dashboards", "provisioning/alerting/rules.yml"
_NOTE = "# Written from deploy/prometheus/rules/alerts.yml by `./dev dashboards`; do not edit.\n" \
        "# yamllint disable rule:line-length\n"


class _Yaml(yaml.SafeDumper):
    """Lists are indented, and texts of several lines stay so."""

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)


def _text(dumper, text):
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Yaml.add_representer(str, _text)


def files():
    """{path below deploy/grafana: content}"""
    alerts = Alerts(ALERTS)
    of_hosts, panel_of_alert = hosts.hosts(alerts)
    rules = rules_file(alerts, UID, panel_of_alert)
    return {f"{DASHBOARDS}/timewait-exporter.json": _json(of_hosts),
            f"{DASHBOARDS}/timewait-exporter-fleet.json": _json(fleet.fleet(alerts)),
            RULES: _NOTE + yaml.dump(rules, Dumper=_Yaml, sort_keys=False, width=120, allow_unicode=True)}


def _json(document):
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path, content in files().items():
        (FOLDER / path).write_text(content, encoding="utf-8")
