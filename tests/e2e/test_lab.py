"""The first scene of the lab in less time; ./dev lab plays all of them, and slower."""

import pytest

from lab import report, runner, scenes

NGINX = scenes.scene("nginx")


@pytest.fixture(scope="module", name="records")
def _records(tmp_path_factory):
    """By the name of the phase."""
    played = runner.run([NGINX], "short", tmp_path_factory.mktemp("lab"))
    return {phase: record for (_, phase), record in played.items()}


@pytest.mark.parametrize("phase", NGINX.phases, ids=lambda phase: phase.name)
def test_someone_is_warned_before_the_first_failure_and_nobody_of_what_is_well(records, phase):
    assert report.problems(records[phase.name], phase) == []


def test_it_is_ports_that_the_broken_proxy_lacks(records):
    counted = records["broken"]["counted_by"]
    assert counted["nginx"]["without_port"] == counted["nginx"]["errors"] > 0
    assert counted["application"]["failed"] == 0
    assert min(value for _, value in records["broken"]["exporter"]["headroom"]) < 0.05


def test_by_default_the_ports_are_taken_and_can_be_had_again(records):
    said = records["default"]["exporter"]
    assert min(value for _, value in said["headroom"]) > 0.9
    assert min(value for _, value in said["headroom_without_reuse"]) < 0.7


def test_the_fixed_one_bears_the_load_that_broke_the_other(records):
    assert records["fixed"]["users"][-1][1] >= records["broken"]["users"][-1][1]
    assert records["fixed"]["counted_by"]["users"]["requests"] > 0.8 * records["broken"]["counted_by"]["users"]["requests"]
    assert max(value for _, value in records["fixed"]["exporter"]["used"]) < 100
