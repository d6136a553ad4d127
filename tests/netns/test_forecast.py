"""The forecast against what happens: real sockets, in real time. All scenes are played at once."""

import dataclasses
import math
import multiprocessing

import pytest

from support import forecast_scenes as scenes
from support import netns
from support.forecast_comparison import compare

WITH_PROMETHEUS = scenes.BURST
LEAK = dataclasses.replace(scenes.LEAK, seconds=90)  # ./dev forecast plays it to its end
CAST = [WITH_PROMETHEUS, scenes.OVERLOAD, scenes.OVERLOAD_HELD, scenes.OVERLOAD_SHORT, scenes.STOP,
        scenes.FULL_TIME_WAIT_TABLE, scenes.REUSE, LEAK, scenes.CHURN]


def _play(number, directory):
    """By number, because a process is given what can be pickled, and a scene has functions."""
    scene = CAST[number]
    return (compare if scene is WITH_PROMETHEUS else scenes.run)(scene, directory)


@pytest.fixture(scope="module", name="played")
def _played(tmp_path_factory):
    """What each scene came to, by the scene's name."""
    netns.become_root_of_own_namespace()
    jobs = [(number, tmp_path_factory.mktemp("scene")) for number in range(len(CAST))]
    with multiprocessing.Pool(len(jobs), maxtasksperchild=1) as pool:
        results = pool.starmap_async(_play, jobs, chunksize=1).get(timeout=240)
    return {scene.name: result for scene, result in zip(CAST, results)}


@pytest.mark.parametrize("scene", [scenes.OVERLOAD, scenes.OVERLOAD_HELD, scenes.OVERLOAD_SHORT],
                         ids=lambda scene: scene.name)
def test_an_overload_is_foretold(played, scene):
    record = played[scene.name]
    assert record.failed_at == pytest.approx(scene.ports / 60, abs=1.5)
    errors = record.errors(after=10)
    assert len(errors) > 40
    for at, left, error in errors:
        assert abs(error) <= max(scenes.POLL_INTERVAL, 0.05 * left), f"{error:.2f} s off at {at:.1f} s"


def test_it_counts_down(played):
    forecasts = [(at, forecast) for at, forecast, _ in played[scenes.OVERLOAD.name].samples if at > 10]
    for (at, forecast), (later, next_forecast) in zip(forecasts, forecasts[1:]):
        assert next_forecast - forecast == pytest.approx(at - later, abs=0.5)


def test_a_leak_is_foretold_however_many_connections_stand(played):
    samples = [(at, forecast) for at, forecast, _ in played[LEAK.name].samples if at > 70]
    assert len(samples) > 30
    coming_and_going = 20 * 61  # what is closed holds its port for 60 s and half the timer wheel's slack
    fails_at = (LEAK.ports - LEAK.standing - coming_and_going) / LEAK.leaked
    for at, forecast in samples:
        left = fails_at - at
        assert left > 70  # more than what the minute's arrivals alone decide
        assert abs(forecast - left) <= 5 + 0.05 * left, f"{forecast - left:.2f} s off at {at:.1f} s"


def test_connections_that_come_and_go_are_no_leak(played):
    record = played[scenes.CHURN.name]
    assert max(used for _, _, used in record.samples) > 6000
    settled = [forecast for at, forecast, _ in record.samples if at > 30]  # their number grows until then
    assert len(settled) > 100
    assert set(settled) == {math.inf}


def test_a_burst_that_comes_back_is_no_alarm(played):
    comparison = played[WITH_PROMETHEUS.name]
    assert comparison.record.failed_at is None
    assert max(used for _, _, used in comparison.record.samples) > 1600
    assert [sample for sample in comparison.record.samples if sample[1] != math.inf] == []
    assert len(comparison.forecast) > 60
    assert comparison.forecast_alarms() == []
    # What is compared with does cry wolf here, or the scene would show nothing.
    assert len(comparison.predicted_alarms()) > 10


def test_a_load_that_stopped_is_no_danger(played):
    samples = played[scenes.STOP.name].samples
    assert all(forecast != math.inf for at, forecast, _ in samples if 10 < at < 20)
    assert all(forecast == math.inf for at, forecast, _ in samples if at > 26)


@pytest.mark.parametrize("scene", [scenes.FULL_TIME_WAIT_TABLE, scenes.REUSE], ids=lambda scene: scene.name)
def test_what_spares_the_ports_is_known(played, scene):
    record = played[scene.name]
    assert record.failed_at is None
    assert scene.rate(0) * scene.seconds > scene.ports  # which would have run out otherwise
    assert [sample for sample in record.samples if sample[1] != math.inf] == []
