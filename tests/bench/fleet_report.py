"""What a fleet costs its Prometheus: exporters in network namespaces, scraped as usual, with all rules that ship.

Run by ./dev fleet [HOSTS...], in a network namespace of its own. Prints a row for each number of hosts, how long the
rules took, and what that comes to for many hosts.
"""

import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from support import netns  # noqa: E402
from support.fleet import Fleet, prometheus_of  # noqa: E402
from support.waiting import wait_for  # noqa: E402

SCRAPE_SECONDS = 15
MEASURED_SECONDS = 120
MANY_HOSTS = 10_000
BYTES_OF_A_SAMPLE = 1.3  # on disk, compressed; what Prometheus's documentation reckons with is 1 to 2


def figures_of(prometheus):
    """{name: figure} of the last two minutes."""
    def value(expression):
        ((_, figure),) = prometheus.query(f"sum({expression})")
        return figure

    interval = f"[{MEASURED_SECONDS}s]"
    return {
        "series": value('scrape_samples_post_metric_relabeling{job="timewait"}'),
        "bytes": value('process_resident_memory_bytes{job="timewait"}'),
        "head": value("prometheus_tsdb_head_series"),
        "samples": value(f"rate(prometheus_tsdb_head_samples_appended_total{interval})"),
        "memory": value(f'max_over_time(process_resident_memory_bytes{{job="prometheus"}}{interval})'),
        "cpu": value(f'rate(process_cpu_seconds_total{{job="prometheus"}}{interval})'),
        "recorded": value('count({__name__=~".+:timewait_.+"})'),
        "groups": {labels["rule_group"].rsplit(";", 1)[1]: seconds for labels, seconds in prometheus.query(
            f"avg_over_time(prometheus_rule_group_last_duration_seconds{interval})")},
    }


def measure(count):
    """The figures of a Prometheus with so many hosts."""
    with tempfile.TemporaryDirectory() as folder:
        directory = pathlib.Path(folder)
        with Fleet(directory, count, tight={7}) as fleet, \
                prometheus_of(fleet, directory, f"{SCRAPE_SECONDS}s") as prometheus:
            wait_for(lambda: prometheus.query("job:timewait_exporter_poll_success:sum") and
                     prometheus.query("job:timewait_exporter_poll_success:sum")[0][1] == count, timeout=180, pause=1)
            time.sleep(MEASURED_SECONDS)  # what is measured is a stretch of time
            return figures_of(prometheus)


def report(count, figures):
    print(f"| {count} | {figures['series'] / count:.0f} | {figures['bytes'] / count / 2**20:.1f} MB "
          f"| {figures['head']:,.0f} "
          f"| {figures['recorded']:.0f} | {figures['samples']:,.0f} | {figures['memory'] / 2**20:.0f} MB "
          f"| {100 * figures['cpu']:.1f} % |", flush=True)


def report_groups(counts, measured):
    """On average; sampled with each scrape."""
    print("\n| rule group, an evaluation | " + " | ".join(f"{count} hosts" for count in counts) + " |")
    print("|---|" + "---|" * len(counts))
    for group in measured[0]["groups"]:
        print(f"| {group} | " + " | ".join(f"{1000 * each['groups'][group]:.1f} ms" for each in measured) + " |")


def report_many(counts, measured):
    """Of the last run, per host; memory by what the last hosts have added."""
    last, series = measured[-1], measured[-1]["series"] / counts[-1]
    samples = series * MANY_HOSTS / SCRAPE_SECONDS
    print(f"\n{MANY_HOSTS:,} hosts: {series * MANY_HOSTS:,.0f} series, {samples:,.0f} samples/s, "
          f"{samples * 86400 * BYTES_OF_A_SAMPLE / 1e9:,.0f} GB a day")
    if len(counts) > 1:
        of_a_series = (last["memory"] - measured[0]["memory"]) / (last["head"] - measured[0]["head"])
        print(f"memory of a series, from the first run to the last: {of_a_series:,.0f} bytes")


def main():
    counts = sorted(map(int, sys.argv[1:])) or [50, 200]
    netns.become_root_of_own_namespace()
    netns.enter_fresh()
    print("| hosts | series of a host | its exporter | series in all | recorded | samples/s | Prometheus | its CPU |\n"
          "|---|---|---|---|---|---|---|---|", flush=True)
    measured = []
    for count in counts:
        measured.append(measure(count))
        report(count, measured[-1])
    report_groups(counts, measured)
    report_many(counts, measured)


if __name__ == "__main__":
    main()
