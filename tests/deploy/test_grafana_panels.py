"""What panels make of figures: from where on they are red, in which words they are told, and which alerts are theirs."""

import re

import pytest
import yaml

from support import grafana

HOSTS, FLEET = grafana.read(grafana.HOSTS), grafana.read(grafana.FLEET)
HEADROOM = [("red", None), ("orange", 0.1), ("green", 0.2)]
HEADROOM_LINES = [("red", None), ("orange", 0.1), ("transparent", 0.2)]
FORECAST = [("red", None), ("green", 900)]
PACE = [("green", None), ("orange", 0.95)]
ANY_IS_BAD = [("green", None), ("red", 1)]
# Of each that has other steps than green alone, by its title, and of a table's column.
STEPS_OF_HOSTS = {
    "Least headroom": HEADROOM,
    "Ports run out in": FORECAST,
    "Pace, of what can last": PACE,
    "Peers short of ports": ANY_IS_BAD,
    "Alerts that fire": ANY_IS_BAD,
    "Blind exporters": ANY_IS_BAD,
    "Peers, the tightest first: Headroom": HEADROOM,
    "Peers, the tightest first: Runs out in": FORECAST,
    "Peers, the tightest first: Pace": PACE,
    "Effective headroom": HEADROOM_LINES,
    "Ports that connect() finds at once": [("yellow", None), ("transparent", 0.05)],
    "Ports run out in, by peer": [("red", None), ("transparent", 15)],
    "Pace, of what can last, by peer": [("transparent", None), ("orange", 0.95)],
    "Ports held by bind()": [("transparent", None), ("orange", 0.1)],
    "TIME_WAIT sockets, of the limit": [("transparent", None), ("orange", 0.9)],
    "CLOSE_WAIT": [("transparent", None), ("orange", 50)],
    "Accept queues, of their limit": [("transparent", None), ("orange", 0.8)],
}
STEPS_OF_FLEET = {
    "Hosts": [("blue", None)],
    "Hosts short of ports": ANY_IS_BAD,
    "Blind hosts": ANY_IS_BAD,
    "Least headroom": HEADROOM,
    "Ports run out in": FORECAST,
    "TIME_WAIT, of the limit": [("green", None), ("orange", 0.9)],
    "Hosts to look at: Headroom": HEADROOM,
    "Peers, over all hosts: Least headroom": HEADROOM,
    "Least headroom, by job": HEADROOM_LINES,
}
FORECAST_IN_WORDS = {"3600": "not in sight"}
PANELS_OF_ALERTS = {
    "TimewaitSlowConnect": "Ports that connect() finds at once",
    "TimewaitPortHeadroomLow": "Effective headroom",
    "TimewaitPortHeadroomCritical": "Effective headroom",
    "TimewaitPortExhaustionForecast": "Ports run out in, by peer",
    "TimewaitArrivalRateUnsustainable": "Pace, of what can last, by peer",
    "TimewaitSocketsNearLimit": "TIME_WAIT sockets, of the limit",
    "TimewaitSocketsOverflow": "Closed without TIME_WAIT",
    "TimewaitPortsHeldByBind": "Ports held by bind()",
    "TimewaitListenerInEphemeralRange": "Listeners inside the ephemeral range",
    "TimewaitCloseWaitGrowing": "CLOSE_WAIT",
    "TimewaitAcceptQueueFilling": "Accept queues, of their limit",
    "TimewaitAcceptQueueOverflow": "Turned away at a full accept queue",
    "TimewaitSettingsChanged": "Settings",
    "TimewaitPeersFolded": "Outbound sockets of peers not shown by name",
    "TimewaitExporterBlind": "Polls that succeed",
    "TimewaitExporterStale": "Age of the figures",
    "TimewaitExporterDown": "Exporters",
    "TimewaitExporterConfigReloadFailed": "Exporters",
}


def fields(dashboard):
    """(title, the configuration of its fields) of each panel, and (title: column, configuration) of its columns."""
    for panel in grafana.panels(dashboard):
        yield panel["title"], panel["fieldConfig"]["defaults"]
        for override in panel["fieldConfig"]["overrides"]:
            yield (f"{panel['title']}: {override['matcher']['options']}",
                   {each["id"]: each["value"] for each in override["properties"]})


def steps_of(dashboard):
    found = {what: [(step["color"], step["value"]) for step in field["thresholds"]["steps"]]
             for what, field in fields(dashboard) if "thresholds" in field}
    return {what: steps for what, steps in found.items() if steps != [("green", None)]}


def words_of(dashboard):
    found = {what: {value: each["text"] for mapping in field.get("mappings", ())
                    for value, each in mapping["options"].items()} for what, field in fields(dashboard)}
    return {what: words for what, words in found.items() if words}


@pytest.mark.parametrize("dashboard, steps", [(HOSTS, STEPS_OF_HOSTS), (FLEET, STEPS_OF_FLEET)], ids=["hosts", "fleet"])
def test_colours(dashboard, steps):
    assert steps_of(dashboard) == steps


def test_graphs_show_lines_where_they_have_steps_and_there_alone():
    for panel in [*grafana.panels(HOSTS), *grafana.panels(FLEET)]:
        if panel["type"] == "timeseries":
            defaults = panel["fieldConfig"]["defaults"]
            style = "dashed" if len(defaults["thresholds"]["steps"]) > 1 else "off"
            assert defaults["custom"]["thresholdsStyle"] == {"mode": style}, panel["title"]


def test_values_that_are_told_in_words():
    assert words_of(HOSTS) == {
        "Ports run out in": FORECAST_IN_WORDS,
        "Peers, the tightest first: Runs out in": FORECAST_IN_WORDS,
        "Settings: tcp_tw_reuse": {"0": "never", "1": "always", "2": "loopback only"},
        "Exporters: Answers": {"0": "no", "1": "yes"},
        "Exporters: Configuration": {"0": "last reload failed", "1": "in force"},
    }
    assert words_of(FLEET) == {"Ports run out in": FORECAST_IN_WORDS}


def test_each_alert_leads_to_the_panel_about_it():
    titles = {panel["id"]: panel["title"] for panel in grafana.panels(HOSTS)}
    rules = yaml.safe_load((grafana.FOLDER / "provisioning/alerting/rules.yml").read_text(encoding="utf-8"))
    found = {rule["title"]: rule for group in rules["groups"] for rule in group["rules"]}
    assert {name: titles[rule["panelId"]] for name, rule in found.items()} == PANELS_OF_ALERTS
    assert {rule["dashboardUid"] for rule in found.values()} == {HOSTS["uid"]}


def test_a_host_of_the_fleet_leads_to_its_own_dashboard():
    links = [link for _, field in fields(FLEET) for link in field.get("links", ())]
    assert [re.split(r"[/?]", link["url"])[2:] for link in links] == [[HOSTS["uid"], "var-instance=${__data.fields.Host}"]]
