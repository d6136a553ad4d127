"""The example for Alertmanager: who is told, how soon, and what mutes what, by Alertmanager itself."""

import json
import re
import subprocess
import urllib.request

import pytest
import yaml

from lab.alerting import Alertmanager
from support.project import PROJECT
from support.prometheus import tool
from support.prometheus_rules import alerts
from support.waiting import wait_for

FILE = PROJECT / "deploy/prometheus/alertmanager.yml"
EXAMPLE = yaml.safe_load(FILE.read_text(encoding="utf-8"))
README = (PROJECT / "deploy/prometheus/README.md").read_text(encoding="utf-8")
API = "http://127.0.0.1:9093/api/v2/alerts"

# What fires, by where: a host and what it is about.
A, B, C = ({"job": "timewait", "instance": f"{host}:10048"} for host in "abc")
FIRING = [
    # One pool has everything; another peer, namespace and job of the same host have their own.
    *({"alertname": name, **A, "peer": "db"} for name in (
        "TimewaitPortHeadroomCritical", "TimewaitPortExhaustionForecast", "TimewaitPortHeadroomLow",
        "TimewaitArrivalRateUnsustainable", "TimewaitSlowConnect")),
    {"alertname": "TimewaitPortExhaustionForecast", **A, "peer": "api"},
    {"alertname": "TimewaitSlowConnect", **A, "peer": "api"},
    {"alertname": "TimewaitPortHeadroomLow", **A, "netns": "app", "peer": "db"},
    {"alertname": "TimewaitPortHeadroomLow", **A, "job": "blue", "peer": "db"},
    {"alertname": "TimewaitPortHeadroomLow", **B, "peer": "db"},
    {"alertname": "TimewaitSlowConnect", **B, "peer": "db"},
    {"alertname": "TimewaitSlowConnect", **C, "peer": "db"},
    {"alertname": "TimewaitSocketsOverflow", **A},
    {"alertname": "TimewaitSocketsNearLimit", **A},
    {"alertname": "TimewaitSocketsNearLimit", **A, "netns": "app"},
    {"alertname": "TimewaitExporterDown", **A},
    {"alertname": "TimewaitExporterConfigReloadFailed", **A},
    {"alertname": "TimewaitExporterStale", **A, "netns": "app"},
    {"alertname": "TimewaitExporterBlind", **B},
    {"alertname": "TimewaitExporterStale", **B},
    {"alertname": "TimewaitExporterStale", **C},
]
MUTED = [
    *({"alertname": name, **A, "peer": "db"} for name in (
        "TimewaitPortExhaustionForecast", "TimewaitPortHeadroomLow", "TimewaitArrivalRateUnsustainable",
        "TimewaitSlowConnect")),
    {"alertname": "TimewaitSlowConnect", **A, "peer": "api"},
    {"alertname": "TimewaitSlowConnect", **B, "peer": "db"},
    {"alertname": "TimewaitSocketsNearLimit", **A},
    {"alertname": "TimewaitExporterConfigReloadFailed", **A},
    {"alertname": "TimewaitExporterStale", **A, "netns": "app"},
    {"alertname": "TimewaitExporterStale", **B},
]


def amtool(*arguments):
    return subprocess.run([tool("amtool"), *arguments], capture_output=True, text=True, timeout=60, check=True).stdout


def test_it_is_a_configuration():
    assert "SUCCESS" in amtool("check-config", FILE)


@pytest.mark.parametrize("severity, receiver", [("critical", "pager"), ("warning", "chat"), ("info", "nobody")])
def test_it_tells_whom_the_readme_says(severity, receiver):
    assert amtool("config", "routes", "test", f"--config.file={FILE}", f"severity={severity}").split() == [receiver]


def test_the_pager_is_called_as_soon_as_the_readme_says():
    (pager,) = [route for route in EXAMPLE["route"]["routes"] if route["receiver"] == "pager"]
    assert f"then {pager['group_wait'].replace('s', ' s')} of Alertmanager's `group_wait`" in " ".join(README.split())
    # The second host of an incident is not kept waiting for long either.
    assert (pager["group_wait"], EXAMPLE["route"]["group_wait"]) == ("5s", "15s")


def test_all_that_it_names_exists():
    named = set(re.findall(r"Timewait\w+", FILE.read_text(encoding="utf-8")))
    assert len(named) > 5 and named <= alerts().keys()


def request(**options):
    with urllib.request.urlopen(urllib.request.Request(API, **options), timeout=10) as answer:
        return answer.read()


def is_ready():
    try:
        return request()
    except OSError:
        return None


@pytest.mark.usefixtures("fresh_network_namespace")
def test_it_mutes_what_says_less_of_the_same(tmp_path):
    assert {labels["alertname"] for labels in FIRING} <= alerts().keys()
    with Alertmanager(tmp_path):
        wait_for(is_ready, timeout=30)
        request(data=json.dumps([{"labels": labels} for labels in FIRING]).encode(),
                headers={"Content-Type": "application/json"})
        known = json.loads(request())
    assert len(known) == len(FIRING)
    muted = [alert["labels"] for alert in known if alert["status"]["inhibitedBy"]]
    assert sorted(map(sorted, map(dict.items, muted))) == sorted(map(sorted, map(dict.items, MUTED)))
