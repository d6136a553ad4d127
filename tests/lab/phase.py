"""One phase of a scene, from its beginning to its end: python3 -m lab.phase SCENE PHASE PACE DIRECTORY

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


def play(pace, users, failures):
    """The users come and go; (Unix times of the beginning and the end, [(seconds, users)])."""
    start = time.time()
    came = []
    until = start + pace.seconds
    while (now := time.time()) < until:
        count = pace.users(now - start)
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


def fired(prometheus, start, end):
    """The alerts that fired, with the seconds of the first and the last time that the rules said so."""
    return [{"alert": labels["alertname"], "severity": labels["severity"], "peer": labels.get("peer"),
             "from": points[0][0] - start, "to": points[-1][0] - start}
            for labels, points in prometheus.query_series('ALERTS{alertstate="firing"}', start, end)]


def notified(owner, start):
    return [{"at": each["at"] - start, "status": each["status"], "alert": each["alertname"],
             "severity": each["severity"], "peer": each.get("peer")} for each in owner.notifications]


def run(scene, phase, pace, directory):
    """The record."""
    network = Network()
    with Site(network, phase, pace.ports, directory.parent / "webapp", directory) as site, \
            alerting.Owner() as owner, alerting.Alertmanager(directory), \
            alerting.prometheus(directory, site.exporter, pace.scrape_interval) as prometheus, \
            Users(network.users, site.url, pace.seconds + 60) as users:
        wait_for(lambda: prometheus.query(f'{SERIES["headroom"]}{{peer="{scene.peer}"}}'), timeout=120, pause=0.2)
        failures = Failures(site)
        start, end, came = play(pace, users, failures)
        seen = users.leave()
        first = failures.first()
        assert set(prometheus.rule_health().values()) == {"ok"}, prometheus.rule_health()  # else it is silent for that
        return {
            "scene": scene.name, "phase": phase.name, "seconds": end - start, "users": came,
            "first_failure": first and first - start,
            "failures": [at - start for at in failures.at_nginx()],
            "exporter": exporter_said(prometheus, scene.peer, start, end),
            "alerts": fired(prometheus, start, end),
            "notifications": notified(owner, start),
            "counted_by": {
                "users": seen,
                "nginx": {"requests": len(site.front.answers()), "errors": len(failures.at_nginx()),
                          "without_port": site.front.without_port()},
                "application": site.tomcat.counters()},
        }


def main(scene_name, phase_name, pace_name, directory):
    scene = scenes.scene(scene_name)
    phase = next(each for each in scene.phases if each.name == phase_name)
    directory = pathlib.Path(directory)
    record = run(scene, phase, scenes.PACES[pace_name], directory)
    (directory / "record.json").write_text(json.dumps(record))


if __name__ == "__main__":
    main(*sys.argv[1:])
