"""Plays loads that must alert nobody, and writes what a real exporter shows of them: rules/recorded.yml.

What comes by chance, or cannot be played, is in rules/silent.yml, made by hand. Run it as `TIMEWAIT_EXPORTER=... python3 -m deploy.record_curves`, in tests/. It takes three minutes.
"""

import dataclasses
import math
import multiprocessing
import pathlib
import tempfile
import time

from support import forecast_scenes, netns
from support.forecast_scenes import BURST, REUSE, Scene, burst_then

FILE = pathlib.Path(__file__).parent / "rules/recorded.yml"
SCRAPE_INTERVAL = 15
SECONDS = 165
SCENES = [dataclasses.replace(scene, seconds=SECONDS) for scene in (
    dataclasses.replace(BURST, name="half of the ports in a second, then a rate that settles at a third"),
    Scene("80 % of the ports in two seconds, and next to nothing after that", 2000, burst_then(1600, 2, 2), SECONDS,
          fails=False),
    dataclasses.replace(REUSE, name="a loopback pool that lives on reuse: five times what its ports would sustain"),
    # More at once than the half that connect() tries first has, while none of them can be used again: so both halves fill.
    Scene("a loopback pool that is full of reusable TIME_WAIT", 1000, lambda at: 1750 if at % 7 < 0.4 else 0, SECONDS,
          fails=False, reuse=2),
    Scene("a deploy: connection pools are filled in seven seconds, and stay; one scrape comes amid them", 2000,
          lambda at: 43 if 23 <= at < 30 else 0, SECONDS, standing=500, held=lambda: math.inf, fails=False),
)]
OF_THE_PEER = ["timewait_outbound_ports_capacity", "timewait_outbound_ports_used", "timewait_outbound_ports_reusable",
               "timewait_outbound_ports_fast", "timewait_outbound_port_headroom_ratio",
               "timewait_outbound_port_effective_headroom_ratio", "timewait_outbound_exhaustion_seconds",
               "timewait_outbound_arrivals_per_second", "timewait_outbound_sustainable_arrivals_per_second"]
OF_THE_HOST = ["timewait_sockets", "timewait_sockets_limit"]
HEAD = """\
# What must alert nobody, as a real exporter shows it: written by ../record_curves.py, which plays the loads. The scrapes are
# 15 s apart. In each of these pools something looks dangerous.
rule_files: [../../../deploy/prometheus/rules/alerts.yml]
evaluation_interval: 5s

tests:
"""


def record(number):
    """{metric: [value at each scrape]}"""
    forecast_scenes.POLL_INTERVAL = 5.0
    with tempfile.TemporaryDirectory() as directory, \
            forecast_scenes.prepared(SCENES[number], pathlib.Path(directory)) as (daemon, load):
        curves = {metric: [] for metric in OF_THE_PEER + OF_THE_HOST}
        start = time.monotonic()
        for scrape in range(SECONDS // SCRAPE_INTERVAL + 1):
            while (now := time.monotonic() - start) < scrape * SCRAPE_INTERVAL:
                assert load.go_on_until(now), "connect() failed"
                time.sleep(0.004)
            exposition = daemon.scrape()
            for metric in OF_THE_PEER:
                curves[metric].append(exposition.get(metric, peer="peer"))
            for metric in OF_THE_HOST:
                curves[metric].append(exposition.get(metric))
        load.end()
        return curves


def in_promtool_words(value):
    """_ where there is none."""
    if value is None:
        return "_"
    return "Inf" if value == math.inf else f"{round(value, 4):g}"


def test_of(scene, curves):
    """A test for promtool: nothing fires, from beginning to end."""
    lines = [f"  - name: '{scene.name}'", f"    interval: {SCRAPE_INTERVAL}s", "    input_series:"]
    for metric, values in curves.items():
        peer = ', peer="db"' if metric in OF_THE_PEER else ""
        lines += [f"""      - series: '{metric}{{job="timewait", instance="web-1:10048"{peer}}}'""",
                  f"        values: {' '.join(map(in_promtool_words, values))}"]
    lines += ["    promql_expr_test:",
              f'      - expr: sum by (alertname) (sum_over_time(ALERTS{{alertstate="firing"}}[{SECONDS}s:5s]))',
              f"        eval_time: {SECONDS}s",
              "        exp_samples: []"]
    return "".join(f"{line}\n" for line in lines)


def main():
    netns.become_root_of_own_namespace()
    with multiprocessing.Pool(len(SCENES), maxtasksperchild=1) as pool:
        recorded = pool.map(record, range(len(SCENES)), chunksize=1)
    FILE.write_text(HEAD + "\n".join(map(test_of, SCENES, recorded)), encoding="utf-8")


if __name__ == "__main__":
    main()
