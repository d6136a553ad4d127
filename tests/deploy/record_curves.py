"""Plays loads that must alert nobody, and prints what a real exporter shows of them: the series of rules/silent.yml.

Run it as `TIMEWAIT_EXPORTER=... python3 -m deploy.record_curves`, in tests/. It takes three minutes.
"""

import dataclasses
import math
import multiprocessing
import pathlib
import tempfile
import time

from support import forecast_scenes, netns

SCRAPE_INTERVAL = 15
SECONDS = 165
SCENES = [dataclasses.replace(scene, seconds=SECONDS) for scene in (
    forecast_scenes.BURST,
    forecast_scenes.Scene("a burst that takes nearly all at once", 2000, forecast_scenes.burst_then(1600, 2, 2), SECONDS,
                          fails=False),
    forecast_scenes.REUSE,
    # A deploy: every connection pool is filled in seven seconds, and stays; one scrape comes amid them.
    forecast_scenes.Scene("a deploy", 2000, lambda at: 43 if 23 <= at < 30 else 0, SECONDS, standing=500,
                          held=lambda: math.inf, fails=False),
)]
METRICS = ["timewait_outbound_ports_capacity", "timewait_outbound_ports_fast",
           "timewait_outbound_port_effective_headroom_ratio", "timewait_outbound_exhaustion_seconds",
           "timewait_outbound_arrivals_per_second", "timewait_outbound_sustainable_arrivals_per_second",
           "timewait_sockets", "timewait_sockets_limit"]


def record(number):
    """{metric: [value at each scrape]}"""
    forecast_scenes.POLL_INTERVAL = 5.0
    with tempfile.TemporaryDirectory() as directory, \
            forecast_scenes.prepared(SCENES[number], pathlib.Path(directory)) as (daemon, load):
        curves = {metric: [] for metric in METRICS}
        start = time.monotonic()
        for scrape in range(SCENES[number].seconds // SCRAPE_INTERVAL + 1):
            while (now := time.monotonic() - start) < scrape * SCRAPE_INTERVAL:
                assert load.go_on_until(now), "connect() failed"
                time.sleep(0.004)
            exposition = daemon.scrape()
            for metric in METRICS:
                labels = {"peer": "peer"} if "outbound" in metric else {}
                curves[metric].append(exposition.get(metric, **labels))
        load.end()
        return curves


def in_promtool_words(value):
    """A value as rules/*.yml write it; _ where there is none."""
    if value is None:
        return "_"
    return "Inf" if value == math.inf else f"{value:.6g}"


def main():
    netns.become_root_of_own_namespace()
    with multiprocessing.Pool(len(SCENES), maxtasksperchild=1) as pool:
        recorded = pool.map(record, range(len(SCENES)), chunksize=1)
    for scene, curves in zip(SCENES, recorded):
        print(f"# {scene.name}")
        for metric, values in curves.items():
            peer = ', peer="peer"' if "outbound" in metric else ""
            print(f"""      - series: '{metric}{{job="timewait", instance="web-1:10048"{peer}}}'""")
            print(f"        values: {' '.join(map(in_promtool_words, values))}")


if __name__ == "__main__":
    main()
