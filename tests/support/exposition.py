"""Reads the text exposition format, as little of it as the exporter writes."""

import re

_SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)')


class Exposition:
    """Samples by name and labels: exposition["metric", "label", "value", ...]."""

    def __init__(self, text):
        self.text = text
        self.samples = {}
        for line in text.splitlines():
            if line.startswith("#") or not line:
                continue
            match = _SAMPLE.match(line)
            assert match, f"not a sample: {line!r}"
            name, labels, value = match.groups()
            key = (name, frozenset(_LABEL.findall(labels or "")))
            assert key not in self.samples, f"twice: {line}"
            self.samples[key] = float(value)

    def get(self, name, **labels):
        """The value of one series, or None."""
        return self.samples.get((name, frozenset(labels.items())))

    def series(self, name):
        """{frozenset of (label, value): value} of one metric."""
        return {labels: value for (sample, labels), value in self.samples.items() if sample == name}

    def label_values(self, name, label):
        return {dict(labels)[label] for labels in self.series(name)}

    def headroom(self, peer):
        """How many more connections the exporter says can be opened to the peer."""
        capacity = self.get("timewait_outbound_ports_capacity", peer=peer)
        used = self.get("timewait_outbound_ports_used", peer=peer)
        reusable = self.get("timewait_outbound_ports_reusable", peer=peer)
        assert capacity is not None, f"no headroom for {peer}"
        return int(capacity - used + reusable)
