"""What must hold for every answer of an exporter."""

import math

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families as text_families

OWN = "timewait_exporter_"
# Counters of these begin anew: the namespace is deleted and made again, the peers come and go with configurations.
_PASSING_NAMESPACE, _PASSING_PEERS = "passing", "crowd-"
_COUNTERS_THAT_STAY = (OWN, "process_")
_TOLERANCE = 1e-6


def parse(text, openmetrics=False):
    """{(name, frozenset of (label, value)): value}, by Prometheus's own parser; raises if it does not like the text."""
    families = openmetrics_families if openmetrics else text_families
    samples, counters = {}, set()
    for family in families(text):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in samples, f"twice: {key}"
            samples[key] = sample.value
            if family.type == "counter" or sample.name.endswith(("_bucket", "_count", "_sum")):
                counters.add(key)
    return samples, counters


def _namespace(labels):
    return dict(labels).get("netns", "")


def _stays(name, labels):
    return name.startswith(_COUNTERS_THAT_STAY) or (
        _namespace(labels) != _PASSING_NAMESPACE and
        not dict(labels).get("peer", "").startswith(_PASSING_PEERS))


def by_labels(samples, name):
    return {labels: value for (sample, labels), value in samples.items() if sample == name}


def problems(samples):
    """What is wrong with the figures of one answer, as sentences."""
    found = []

    def expect(holds, *what):
        if not holds:
            found.append(" ".join(map(str, what)))

    for (name, labels), value in samples.items():
        expect(not math.isnan(value) and value >= 0, name, dict(labels), value)
    capacity, used, reusable, ratio, effective = (
        by_labels(samples, f"timewait_outbound_{name}") for name in
        ("ports_capacity", "ports_used", "ports_reusable", "port_headroom_ratio", "port_effective_headroom_ratio"))
    for labels, ports in capacity.items():
        expect(used[labels] <= ports, "used", used[labels], "of", ports, dict(labels))
        expect(reusable[labels] <= used[labels], "reusable", reusable[labels], "of", used[labels], dict(labels))
        if ports:
            expect(abs(ratio[labels] - (ports - used[labels]) / ports) < _TOLERANCE, "headroom", dict(labels))
            expect(abs(effective[labels] - (ports - used[labels] + reusable[labels]) / ports) < _TOLERANCE,
                   "effective headroom", dict(labels))
    for labels, value in (ratio | effective).items():
        expect(0 <= value <= 1, "ratio", value, dict(labels))
    folded = by_labels(samples, "timewait_folded_sockets")
    for labels, count in folded.items():
        others = sum(value for each, value in by_labels(samples, "timewait_outbound_sockets").items()
                     if dict(each)["peer"] == "other" and _namespace(each) == _namespace(labels))
        expect(others == count, "other", others, "folded", count, dict(labels))
    shown = by_labels(samples, "timewait_peers")
    for labels, limit in by_labels(samples, "timewait_peers_limit").items():
        expect(shown[labels] <= limit, "peers", shown[labels], "limit", limit, dict(labels))
    expect(samples[OWN + "poll_success", frozenset()] == 1, "the last poll failed")
    return found


class Counters:
    """Remembers the answer before: what has fallen since, of the series that both have."""

    def __init__(self):
        self._before = {}

    def fallen(self, samples, counters):
        now = {key: samples[key] for key in counters if _stays(*key)}
        fell = [f"{name} {dict(labels)} fell from {self._before[name, labels]} to {value}"
                for (name, labels), value in now.items() if value < self._before.get((name, labels), 0)]
        self._before = now
        return fell
