"""deploy/time-wait: the story is the same in both languages, its figures are those of the lab, and they bear it out."""

import json
import re
import subprocess

import pytest
import yaml

from lab import scenes, story
from support import markdown
from support.project import PROJECT

FOLDER = PROJECT / "deploy/time-wait"
ENGLISH, KOREAN = ((FOLDER / name).read_text(encoding="utf-8") for name in ("README.md", "README.ko.md"))
LAB = json.loads((FOLDER / "lab.json").read_text(encoding="utf-8"))
SCENES = [scene.name for scene in scenes.SCENES]


def levels(text):
    return [level for level, _ in markdown.headings(text)]


def links(text):
    """All but those from one language to the other."""
    return [target for target in markdown.targets(text) if not target.startswith("README.")]


@pytest.mark.parametrize("what", [levels, links, markdown.pictures, markdown.code_blocks])
def test_both_languages_have_the_same(what):
    assert what(ENGLISH)
    assert what(KOREAN) == what(ENGLISH)


def test_both_languages_have_the_same_figures_in_each_section():
    assert [markdown.figures(section) for section in markdown.sections(KOREAN)] == [
        markdown.figures(section) for section in markdown.sections(ENGLISH)]


def test_every_picture_is_shown():
    assert {file.name for file in FOLDER.glob("*.svg")} == set(markdown.pictures(ENGLISH))


@pytest.mark.parametrize("text", [ENGLISH, KOREAN], ids=["English", "Korean"])
def test_the_figures_of_the_lab_are_those_of_its_file(text):
    assert story.filled(text, LAB) == text


def test_the_file_has_every_phase():
    assert {name: list(phases) for name, phases in LAB.items()} == {
        scene.name: [phase.name for phase in scene.phases] for scene in scenes.SCENES}
    assert {figures["ports"] for phases in LAB.values() for figures in phases.values()} == {scenes.FULL.ports}


@pytest.mark.parametrize("scene", SCENES)
def test_in_each_outage_ports_ran_out_and_someone_was_warned_before(scene):
    broken = LAB[scene]["broken"]
    errors = broken["errors"]
    assert errors["users"] == errors["nginx"] == errors["nginx_without_port"] + errors["application_without_port"] > 0
    assert broken["least_effective_headroom_percent"] < 5
    warned = min(each["notified_s"] for each in broken["alerts"] if each["notified_s"] and each["severity"] != "info")
    assert broken["warned_before_failure_s"] == pytest.approx(broken["first_failure_s"] - warned, abs=0.15)
    assert broken["warned_before_failure_s"] > 0


@pytest.mark.parametrize("scene, phase", [(scene.name, phase.name) for scene in scenes.SCENES for phase in scene.phases
                                          if not phase.fails])
def test_what_is_well_has_neither_errors_nor_alerts(scene, phase):
    figures = LAB[scene][phase]
    assert set(figures["errors"].values()) == {0}
    assert (figures["alerts"], figures["first_failure_s"]) == ([], None)
    assert figures["least_effective_headroom_percent"] > 90


@pytest.mark.parametrize("scene", SCENES)
def test_the_alerts_of_a_slow_growth_come_in_the_order_that_is_told(scene):
    broken = LAB[scene]["broken"]
    alerts = {each["alert"].removeprefix("Timewait"): each for each in broken["alerts"]}
    early = [alerts.pop(name) for name in ("SlowConnect", "PortHeadroomLow", "PortHeadroomCritical")]
    fired = [each["fired_s"] for each in early]
    assert [*fired, broken["first_failure_s"]] == sorted({*fired, broken["first_failure_s"]})
    assert early[0]["notified_s"] is None  # of severity info
    assert set(alerts) <= {"ArrivalRateUnsustainable", "PortExhaustionForecast"}
    assert all(each["fired_s"] > fired[-1] for each in alerts.values())


def test_what_is_told_of_nginx_is_what_happened():
    errors = LAB["nginx"]["broken"]["errors"]
    assert errors["nginx_without_port"] == errors["users"]  # once for each request that failed
    assert 0.4 < LAB["nginx"]["default"]["most_ports_used"] / scenes.FULL.ports < 0.6  # half of the ports


def test_the_lab_is_played_as_it_is_told():
    load = scenes.FULL
    sustained = load.ports / 60
    route = yaml.safe_load((PROJECT / "deploy/prometheus/alertmanager.yml").read_text(encoding="utf-8"))["route"]
    (critical,) = [each for each in route["routes"] if each["matchers"] == ['severity="critical"']]
    text = re.sub(r"\s+", " ", ENGLISH)
    for said in (
            f"On a host with {load.ports:,} ports, which sustain {load.ports:,} / 60 = {sustained:.0f} connections a "
            "second",
            f"Prometheus scrapes the exporter every {load.scrape_interval.removesuffix('s')} s",
            f"takes {(sustained - load.usual) * load.every / 60:.0f} minutes from {load.usual / sustained:.0%}".replace(
                "%", " % of what the ports sustain"),
            f"tells a *critical* one {critical['group_wait'].removesuffix('s')} s later and a *warning* "
            f"{route['group_wait'].removesuffix('s')} s later"):
        assert said in text
    assert f"{load.ports}\n" in markdown.code_blocks(ENGLISH)  # the ports that `ss` counts


def test_the_experiment_comes_out_as_told(fresh_network_namespace):
    [(commands, outcome)] = [pair for pair in zip(markdown.code_blocks(ENGLISH), markdown.code_blocks(ENGLISH)[1:])
                             if pair[0].startswith("sudo unshare")]
    inside = commands.partition("\n")[2]  # the first line makes the namespace
    result = subprocess.run(["unshare", "--pid", "--fork", "--kill-child", "sh", "-c", inside], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, timeout=120, check=True)
    assert result.stdout == outcome
