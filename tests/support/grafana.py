"""What Grafana makes of a dashboard before it asks Prometheus."""

import json
import re

from support.project import PROJECT

FOLDER = PROJECT / "deploy/grafana"
HOSTS, FLEET = (FOLDER / f"dashboards/{name}.json" for name in ("timewait-exporter", "timewait-exporter-fleet"))
DASHBOARDS = sorted((FOLDER / "dashboards").glob("*.json"))
_MOST_POINTS = 1000  # of a panel that is as wide as a screen


def read(file):
    return json.loads(file.read_text(encoding="utf-8"))


def panels(dashboard):
    """All that show something, those in collapsed rows too."""
    for panel in dashboard["panels"]:
        if panel["type"] != "row":
            yield panel
        yield from panel.get("panels", ())


def targets(dashboard):
    """(panel, target)"""
    return [(panel, target) for panel in panels(dashboard) for target in panel["targets"]]


def annotation_queries(dashboard):
    return [each["target"]["expr"] for each in dashboard["annotations"]["list"]]


def variables(dashboard):
    """Those that are asked for, by name."""
    return {each["name"]: each for each in dashboard["templating"]["list"] if each["type"] == "query"}


def chosen(dashboard, **choice):
    """{variable: what stands for it in a query}: what is chosen, a list; else All."""
    return {name: _one_of(choice[name]) if name in choice else each["allValue"]
            for name, each in variables(dashboard).items()}


def _one_of(values):
    """As the data source escapes them, for a regular expression in a string of PromQL."""
    escaped = [re.sub(r"[$^*{}\[\]'+?.()|]", lambda found: "\\\\" + found[0], value) for value in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def step(seconds, scrape_interval):
    """Seconds between points of a graph of so many seconds."""
    return max(scrape_interval, seconds / _MOST_POINTS)


def interpolated(query, values, seconds, scrape_interval):
    """The query without variables. `seconds`: the time that the dashboard shows."""
    between = step(seconds, scrape_interval)
    known = {**values, "__range": f"{seconds}s",
             "__rate_interval": f"{max(between + scrape_interval, 4 * scrape_interval):g}s"}
    return re.sub(r"\$(\w+)", lambda found: known[found[1]], query)
