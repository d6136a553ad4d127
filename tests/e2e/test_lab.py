"""The outage that is the shortest of the lab's, broken and fixed; ./dev lab plays all of them, and slower."""

import pytest

from lab import report, scenes, stage

API = scenes.scene("api")


@pytest.fixture(scope="module", name="records")
def _records(tmp_path_factory):
    """By the name of the phase."""
    played = stage.play([API], "short", tmp_path_factory.mktemp("lab"))
    return {phase: record for (_, phase), record in played.items()}


@pytest.mark.parametrize("phase", API.phases, ids=lambda phase: phase.name)
def test_alerts_come_before_the_first_failure_and_only_there(records, phase):
    assert report.problems(records[phase.name], phase) == []


def test_it_is_ports_that_the_broken_application_lacks(records):
    counters = records["broken"]["counted_by"]["application"]
    assert counters["failed"] == counters["without_port"] > 0
    assert records["broken"]["exporter"]["headroom"][-1][1] < 0.1


def test_the_fixed_one_bears_the_load_that_broke_the_other(records):
    broken, fixed = records["broken"], records["fixed"]
    assert fixed["users"][-1][1] >= broken["users"][-1][1]
    assert fixed["counted_by"]["users"]["requests"] > broken["counted_by"]["users"]["requests"] / 2
