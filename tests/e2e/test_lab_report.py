"""The lab's verdict, on records made by hand, and what it says of itself. Nothing is played here."""

import dataclasses
import re

import pytest

from lab import drawing, phase, report, scenes, topology, web
from support.project import PROJECT

NGINX = scenes.scene("nginx")
DEFAULT, BROKEN, FIXED = NGINX.phases


def alert(name="TimewaitPortHeadroomLow", since=200.0, until=300.0, peer=NGINX.peer):
    return {"alert": name, "severity": "warning", "peer": peer, "from": since, "to": until}


def notification(at=210.0, severity="warning", status="firing", peer=NGINX.peer):
    return {"at": at, "status": status, "alert": "TimewaitPortHeadroomLow", "severity": severity, "peer": peer}


def record(of, **changes):
    """Of a phase of the first scene that came out as it must; `changes`: of what is in it."""
    failed = 7 if of.fails else 0
    return {
        "scene": NGINX.name, "phase": of.name, "seconds": 330.0, "users": [(0, 24)],
        "first_failure": 300.0 if of.fails else None, "failures": [300.0] * failed,
        "exporter": {"capacity": [(0, 2000.0)], "used": [(0, 20.0)], "headroom": [(0, 0.99)],
                     "arrivals": [(0, 0.3)], "sustainable": [(0, 33.3)]},
        "alerts": [alert()] if of.fails else [], "notifications": [notification()] if of.fails else [],
        "counted_by": {"users": {"requests": 900, "errors": failed},
                       "nginx": {"requests": 900, "errors": failed, "without_port": failed},
                       "application": {"succeeded": 900 - failed, "failed": 0, "without_port": 0}},
        **changes}


def counted(of, who, **numbers):
    """The record, in which this one has counted otherwise."""
    made = record(of)
    made["counted_by"][who] |= numbers
    return made


def problems(made, of):
    return [problem.removeprefix(f"nginx, {of.name}: ") for problem in report.problems(made, of)]


@pytest.mark.parametrize("of", NGINX.phases, ids=lambda of: of.name)
def test_what_came_out_as_it_must_is_no_problem(of):
    assert report.problems(record(of), of) == []


LATE = "nobody was warned before the first failure"


@pytest.mark.parametrize("notifications", [
    pytest.param([], id="none"),
    pytest.param([notification(at=300.0)], id="with the failure"),
    pytest.param([notification(at=310.0)], id="after it"),
    pytest.param([notification(severity="info")], id="that wakes nobody"),
    pytest.param([notification(status="resolved")], id="that something is over"),
    pytest.param([notification(peer="db")], id="of another peer"),
    pytest.param([notification(peer=None)], id="of no peer"),
])
def test_a_failure_that_nobody_was_warned_of_is_a_problem(notifications):
    assert problems(record(BROKEN, notifications=notifications), BROKEN) == [LATE]


def test_an_alert_that_fires_and_is_not_notified_warns_nobody():
    assert problems(record(BROKEN, alerts=[alert(since=10.0)], notifications=[]), BROKEN) == [LATE]


def test_the_first_of_several_notifications_counts():
    assert problems(record(BROKEN, notifications=[notification(at=310.0), notification(at=290.0)]), BROKEN) == []


def test_an_outage_that_did_not_come_is_a_problem():
    assert problems(record(BROKEN, first_failure=None), BROKEN) == ["no request failed"]


def test_an_outage_for_another_reason_is_a_problem():
    assert problems(counted(BROKEN, "nginx", errors=9), BROKEN) == ["2 requests failed for another reason"]


def test_ports_that_the_application_lacks_are_the_reason_too():
    made = counted(BROKEN, "nginx", without_port=0)
    made["counted_by"]["application"] |= {"failed": 7, "without_port": 7}
    assert problems(made, BROKEN) == []


@pytest.mark.parametrize("of", [DEFAULT, FIXED], ids=lambda of: of.name)
def test_an_alert_while_all_is_well_is_a_problem_whatever_it_is_about(of):
    alerts = [alert(), alert(since=310.0), alert("TimewaitSlowConnect"), alert("TimewaitExporterDown", peer=None)]
    assert problems(record(of, alerts=alerts), of) == [f"{name} fired" for name in (
        "TimewaitExporterDown", "TimewaitPortHeadroomLow", "TimewaitSlowConnect")]


@pytest.mark.parametrize("of", [DEFAULT, FIXED], ids=lambda of: of.name)
@pytest.mark.parametrize("who, number", [("users", "errors"), ("nginx", "errors"), ("application", "failed")])
def test_an_error_while_all_is_well_is_a_problem_whoever_counted_it(of, who, number):
    assert problems(counted(of, who, **{number: 1}), of) == [f"{who} counted 1 errors"]


def test_how_long_before_the_failure_the_warning_came():
    figures = report.figures(record(BROKEN))
    assert (figures["warned_before_failure_s"], figures["warned_before_failure_percent"]) == (90.0, 30.0)


class Answering:
    """A Prometheus that has these series of ALERTS: [(labels, seconds at which it fired)]."""

    def __init__(self, *series):
        self._series = series

    def query_series(self, _, start, __):
        return [(labels, [(start + at, 1.0) for at in seconds]) for labels, seconds in self._series]


@pytest.mark.parametrize("written", ["", "1700000002", "1700000002.5 5"])
def test_a_line_that_nginx_is_still_writing_is_no_answer_yet(tmp_path, written):
    front = web.Front(tmp_path / "front", keeps=False)
    (tmp_path / "front/access.log").write_text(f"1700000000.5 200\n1700000001.5 502\n{written}")
    assert front.answers() == [(1700000000.5, 200), (1700000001.5, 502)]


def test_an_alert_that_comes_back_has_fired_twice():
    labels = {"alertname": "TimewaitSlowConnect", "severity": "info", "peer": "db"}
    assert phase.fired(Answering((labels, [5, 6, 7, 20, 30, 31])), 1000, 1060) == [
        {"alert": "TimewaitSlowConnect", "severity": "info", "peer": "db", "from": since, "to": until}
        for since, until in ((5, 7), (20, 20), (30, 31))]


def test_in_the_picture_a_bar_ends_when_the_rules_stop_firing(monkeypatch, tmp_path):
    scripts = []
    monkeypatch.setattr(drawing.subprocess, "run", lambda *_, **options: scripts.append(options["input"]))
    drawing.draw(NGINX, [record(BROKEN, alerts=[alert(since=200.0, until=250.0), alert(since=280.0, until=310.0)])],
                 tmp_path / "nginx.svg")
    assert re.findall(r"set arrow from ([\d.]+,1) to ([\d.]+,1) ", scripts[0]) == [("200.0,1", "250.0,1"),
                                                                                  ("280.0,1", "310.0,1")]


def differences(one, other):
    """The settings in which two phases differ."""
    return {name for name, value in dataclasses.asdict(one).items() if dataclasses.asdict(other)[name] != value} - {
        "name", "fails"}


@pytest.mark.parametrize("scene, name, setting", [
    ("nginx", "default", {"tw_reuse"}), ("nginx", "fixed", {"proxy_keeps"}),
    ("database", "fixed", {"backend"}), ("api", "fixed", {"backend"})])
def test_a_phase_differs_from_the_broken_one_in_one_setting(scene, name, setting):
    phases = {each.name: each for each in scenes.scene(scene).phases}
    assert differences(phases[name], phases["broken"]) == setting


def test_each_scene_is_to_fail_when_broken_and_only_then():
    assert {(scene.name, each.name) for scene in scenes.SCENES for each in scene.phases if each.fails} == {
        (name, "broken") for name in ("nginx", "database", "api")}


def test_its_readme_has_the_figures_with_which_it_is_played():
    text = re.sub(r"\s+", " ", (PROJECT / "tests/lab/README.md").read_text(encoding="utf-8"))
    full, short = scenes.FULL, scenes.SHORT
    for said in (f"{full.usual} are there from the beginning, and from the second minute on one more comes every "
                 f"{full.every} s", f"The host has {full.ports:,} ports",
                 f"{full.ports:,} ports / 60 s sustain {full.ports // 60} connections a second",
                 f"scrapes {full.scrape_interval.removesuffix('s')} s apart",
                 f"faster and with scrapes {short.scrape_interval.removesuffix('s')} s apart",
                 f"the API is {1000 * topology.API_DISTANCE:g} ms away"):
        assert said in text
    assert full.steady == 60  # the second minute
