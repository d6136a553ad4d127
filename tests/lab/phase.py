"""One phase of a scene, from its beginning to its end: python3 -m lab.phase SCENE PHASE LOAD DIRECTORY

Writes DIRECTORY/record.json: all times in it are seconds since the users began to come. A process of its own, because
it moves into a network namespace and, by its caller, into others: with it everything ends that it has started.
"""

import json
import pathlib
import sys
import time

from lab import alerting, scenes
from lab.site import Site
from lab.topology import Network
from lab.users import Users
from support.waiting import wait_for

# What the exporter says of the peer, as Prometheus has it.
SERIES = {
    "headroom": "timewait_outbound_port_effective_headroom_ratio",
    "headroom_without_reuse": "timewait_outbound_port_headroom_ratio",
    "capacity": "timewait_outbound_ports_capacity",
    "used": "timewait_outbound_ports_used",
    "forecast": "timewait_outbound_exhaustion_seconds",
    "arrivals": "timewait_outbound_arrivals_per_second",
    "sustainable": "timewait_outbound_sustainable_arrivals_per_second",
}


class Failures:
    """When requests failed, in Unix time: by nginx's access log, and by the application."""

    def __init__(self, site):
        self._site = site

    def at_nginx(self):
        return [at for at, status in self._site.front.answers() if status >= 500]

    def first(self):
        """None if there is none."""
        found = self.at_nginx()[:1]
        if milliseconds := self._site.tomcat.counters().get("first_failure_ms"):
            found.append(milliseconds / 1000)
        return min(found, default=None)


def apply(load, users, failures):
    """The users come and go; (Unix times of the beginning and the end, [(seconds, users)])."""
    start = time.time()
    came = []
    until = start + load.seconds
    while (now := time.time()) < until:
        count = load.users(now - start)
        if new := count - (came[-1][1] if came else 0):
            users.arrive(new)
            came.append((now - start, count))
        if first := failures.first():
            until = min(until, first + scenes.AFTERWARDS)
        time.sleep(1)
    return start, time.time(), came


def exporter_said(prometheus, peer, start, end):
    """{name as in SERIES: [(seconds, value)]}."""
    def series(metric):
        return prometheus.query_range(f'{metric}{{peer="{peer}"}}', start, end)

    return {name: [(at - start, value) for at, value in series(metric)] for name, metric in SERIES.items()}


def _spans(points):
    """The first and the last time of each uninterrupted run; `points` are a second apart within one."""
    times = [at for at, _ in points]
    breaks = [i for i in range(1, len(times)) if times[i] - times[i - 1] > 1.5]
    return [(times[first], times[end - 1]) for first, end in zip([0, *breaks], [*breaks, len(times)])]


def fired(prometheus, start, end):
    """The alerts, once for each time that they fired: from when to when the rules said so."""
    return [{"alert": labels["alertname"], "severity": labels["severity"], "peer": labels.get("peer"),
             "from": since - start, "to": until - start}
            for labels, points in prometheus.query_series('ALERTS{alertstate="firing"}', start, end)
            for since, until in _spans(points)]


def notified(receiver, start):
    return [{"at": each["at"] - start, "status": each["status"], "alert": each["alertname"],
             "severity": each["severity"], "peer": each.get("peer")} for each in receiver.notifications]


def run(scene, phase, load, directory):
    """The record."""
    network = Network()
    with Site(network, phase, load.ports, directory.parent / "webapp", directory) as site, \
            alerting.Receiver() as receiver, alerting.Alertmanager(directory), \
            alerting.prometheus(directory, site.exporter, load.scrape_interval) as prometheus, \
            Users(network.users, site.url, load.seconds + 60) as users:
        wait_for(lambda: prometheus.query(f'{SERIES["headroom"]}{{peer="{scene.peer}"}}'), timeout=120, pause=0.2)
        failures = Failures(site)
        start, end, came = apply(load, users, failures)
        seen = users.leave()
        first = failures.first()
        assert set(prometheus.rule_health().values()) == {"ok"}, prometheus.rule_health()  # else it is silent for that
        return {
            "scene": scene.name, "phase": phase.name, "seconds": end - start, "users": came,
            "first_failure": first and first - start,
            "failures": [at - start for at in failures.at_nginx()],
            "exporter": exporter_said(prometheus, scene.peer, start, end),
            "alerts": fired(prometheus, start, end),
            "notifications": notified(receiver, start),
            "counted_by": {
                "users": seen,
                "nginx": {"requests": len(site.front.answers()), "errors": len(failures.at_nginx()),
                          "without_port": site.front.without_port()},
                "application": site.tomcat.counters()},
        }


def main(scene_name, phase_name, load_name, directory):
    scene = scenes.scene(scene_name)
    phase = next(each for each in scene.phases if each.name == phase_name)
    directory = pathlib.Path(directory)
    record = run(scene, phase, scenes.LOADS[load_name], directory)
    (directory / "record.json").write_text(json.dumps(record))


if __name__ == "__main__":
    main(*sys.argv[1:])
