"""The soak in its shortest form, and each of its criteria as it fails; ./dev soak takes half an hour."""

import copy
import json
import subprocess
import sys

import pytest

from soak import criteria, ledger
from support.project import PROJECT

WHAT_A_BUSY_MACHINE_TAKES = "pace"
BEGIN, SECONDS = 1000.0, 600
NAMESPACES = ("", "app")


def test_all_of_it_in_short(tmp_path):
    """Memory takes longer to judge, and the pace a machine with nothing else to do."""
    ended = subprocess.run([sys.executable, "-B", "-m", "soak", tmp_path, "short"], cwd=PROJECT / "tests", timeout=400,
                           capture_output=True, text=True)
    judged = json.loads((tmp_path / "criteria.json").read_text())
    assert len(judged) > 20, ended.stderr
    wrong = [each for each in judged if not each["holds"] and WHAT_A_BUSY_MACHINE_TAKES not in each["name"]]
    assert not wrong, json.dumps(wrong, indent=1)
    assert (tmp_path / "REPORT.md").read_text() in ended.stdout
    assert ended.returncode == (0 if all(each["holds"] for each in judged) else 1)


def sound_record():
    """Of a soak in which everything held: polls ten times a second, eight answers a second."""
    seen = []
    for number in range(SECONDS * 8):
        asked_at = BEGIN + number / 8
        polls = int((asked_at - BEGIN) * 10)
        seen.append({"asked_at": asked_at, "answered_at": asked_at + 0.01, "series": 100, "moment": BEGIN + polls / 10,
                     "polls": {"": polls, "app": polls}, "errors": []})
    usage = {"descriptors": 35, "threads": 5, "Rss": 30000, "Pss": 25000, criteria.MEMORY: 20000}
    one = {"name": "plain", "namespaces": NAMESPACES, "delays": [], "exit_code": 0,
           "clients": [{"client": "metrics", "asked": len(seen), "asked_again": 0, "slowest": 0.1, "failures": [],
                        "seen": seen}],
           "rested": dict(usage), "end": dict(usage),
           "samples": [usage | {"at": BEGIN + 2 * number} for number in range(SECONDS // 2)],
           "entered": {"before": 10, "said": 11, "after": 12}}
    return {"faults": [{"fault": "reload", "on": "plain", "begin": BEGIN + 1, "end": BEGIN + 2, "allowances": [],
                        "problem": None}],
            "hostile": [{"attacks": {"flood": 1}, "breaches": []}], "loop_closed": 7, "loop_counted": 7,
            "load_seconds": SECONDS, "expires": True, "measured_from": BEGIN, "measured_to": BEGIN + SECONDS,
            "exporters": {"plain": one}}


SOUND = sound_record()


def failed(record):
    return [each.name for each in criteria.judge(record) if not each.holds]


def from_poll(record, first, change):
    """Applies a change to all sightings from that poll on."""
    for each in record["exporters"]["plain"]["clients"][0]["seen"]:
        if each["polls"][""] >= first:
            change(each)


def miss_a_poll(record):
    from_poll(record, 3000, lambda each: each["polls"].update({name: each["polls"][name] - 1 for name in NAMESPACES}))


def fail_a_poll(record):
    from_poll(record, 3000, lambda each: each.update(errors=[["app", "namespace", 1]]))


def injected(kind, **more):
    return {"fault": "injected", "on": "plain", "begin": BEGIN, "end": BEGIN + SECONDS, "problem": None, "allowances": [
        {"kind": kind, "namespace": "", "reason": "", "begin": BEGIN + 290, "end": BEGIN + 310} | more]}


def failed_request(closed):
    return {"error": "closed or not", "closed": closed, "at": BEGIN + 300, "until": BEGIN + 301}


def plain(change):
    """A change to what is recorded of the exporter."""
    return lambda record: change(record["exporters"]["plain"])


def grow(of_one):
    for number, sample in enumerate(of_one["samples"]):
        sample[criteria.MEMORY] += 2 * number


PLANTED = {
    "each fault showed": lambda record: record["faults"][0].update(problem="not met in time"),
    "nobody got in": lambda record: record["hostile"][0]["breaches"].append("200 for a wrong password"),
    "each kind of attack": lambda record: record["hostile"][0]["attacks"].update(flood=0),
    "entries into TIME_WAIT": lambda record: record.update(loop_counted=8),
    "the counter of entries": lambda record: record.update(loop_counted=6),
    "right answer": plain(lambda one: one["clients"][0]["failures"].append(failed_request(closed=True))),
    "scrapes at a hundred": lambda record: record.update(load_seconds=2 * SECONDS),
    "polls at the pace": lambda record: from_poll(
        record, 1, lambda each: each["polls"].update({name: each["polls"][name] // 3 for name in NAMESPACES})),
    "no poll was missed": miss_a_poll,
    "no poll failed": fail_a_poll,
    "no poll failed beyond what was injected, and those did": lambda record: record["faults"].append(
        injected("failure", namespace="app", reason="namespace")),
    "every namespace": lambda record: from_poll(record, 3000, lambda each: each["polls"].update(app=1)),
    "no answer told": lambda record: from_poll(
        record, 5990, lambda each: each.update(moment=each["moment"] - 5, answered_at=each["answered_at"])),
    "as many descriptors": plain(lambda one: one["end"].update(descriptors=36)),
    "as many threads": plain(lambda one: one["end"].update(threads=6)),
    "the kernel's counter": plain(lambda one: one["entered"].update(said=13)),
    "lived through": plain(lambda one: one.update(exit_code=-11)),
    "at rest no more": plain(lambda one: one["end"].update({criteria.MEMORY: 20000 + criteria.MORE_AT_REST_KIB + 1})),
    "memory under load": plain(grow),
}


def test_a_sound_one_fails_nothing():
    assert failed(SOUND) == []


@pytest.mark.parametrize("name", PLANTED)
def test_each_criterion_fails_of_what_it_is_for(name):
    record = copy.deepcopy(SOUND)
    PLANTED[name](record)
    assert any(name in each for each in failed(record)), failed(record)


def test_what_was_injected_is_allowed_where_it_was():
    record = copy.deepcopy(SOUND)
    miss_a_poll(record)
    record["faults"].append(injected("pause"))
    assert failed(record) == []
    record = copy.deepcopy(SOUND)
    fail_a_poll(record)
    record["faults"].append(injected("failure", namespace="app", reason="namespace"))
    assert failed(record) == []
    record["faults"][-1]["allowances"][0]["reason"] = "timeout"
    assert len(failed(record)) == 1


@pytest.mark.parametrize("kind, closed, allowed", [("pause", True, True), ("want", True, True), ("want", False, False),
                                                   ("failure", True, False)])
def test_a_flood_that_waited_may_close_a_new_connection_and_no_more(kind, closed, allowed):
    record = copy.deepcopy(SOUND)
    record["exporters"]["plain"]["clients"][0]["failures"].append(failed_request(closed))
    record["faults"].append(injected(kind))
    assert ("plain: every honest request got a right answer" not in failed(record)) == allowed


@pytest.mark.parametrize("waited, unexplained", [(0.01, 1), (0.09, 0)])
def test_a_machine_without_a_core_to_spare_is_no_fault_of_the_exporter(waited, unexplained):
    missed = [{"begin": 10, "end": 12, "missed": 1}]
    delays = [{"begin": 10.5, "end": 10.75, "seconds": waited}]
    assert len(ledger.account_for_missed(missed, [], delays)[2]) == unexplained


def test_more_polls_are_missed_than_a_pause_explains():
    missed = [{"begin": 10, "end": 14, "missed": 30}]
    pauses = [{"begin": 11, "end": 12}]
    injected_ones, starved, (left,) = ledger.account_for_missed(missed, pauses, [])
    assert (injected_ones, starved, left["missed"]) == (11, 0, 19)
