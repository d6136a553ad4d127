"""The tables of deploy/time-wait that the lab fills: the same in every language, but for the words in front."""

import json

from lab.scenes import SCENES

_TABLE = "<!-- ./dev lab fills this table: {} -->\n"


def filled(text, figures):
    """The document with these figures in its tables; `figures`: what lab.json holds."""
    outages = [figures[scene.name] for scene in SCENES]
    for name, rows in (("outages", _outages), ("alerts", _alerts)):
        before, mark, rest = text.partition(_TABLE.format(name))
        assert mark, f"no table of the {name}"
        table, end, after = rest.partition("\n\n")
        head, rule, *old = table.split("\n")
        labels = [line.split("|")[1].strip() for line in old]
        new = [f"| {' | '.join(cells)} |" for cells in rows(labels, outages)]
        text = before + mark + "\n".join([head, rule, *new]) + end + after
    return text


def fill_all(folder):
    figures = json.loads((folder / "lab.json").read_text(encoding="utf-8"))
    for document in folder.glob("README*.md"):
        document.write_text(filled(document.read_text(encoding="utf-8"), figures), encoding="utf-8")


def _number(value):
    return "-" if value is None else f"{round(value):,}"


def _outages(labels, outages):
    """A row for each figure, with the words that were there; a column for each scene."""
    columns = [_outage(scene["broken"], scene["fixed"]) for scene in outages]
    return [[label, *map(_number, row)] for label, row in zip(labels, zip(*columns, strict=True), strict=True)]


def _outage(broken, fixed):
    failure, before = broken["first_failure_s"], broken["warned_before_failure_s"]
    return [failure - before, failure, broken["warned_before_failure_percent"],
            broken["requests"], broken["errors"]["users"],
            fixed["requests"], fixed["errors"]["users"], fixed["most_ports_used"], len(fixed["alerts"])]


def _alerts(_, outages):
    """A row for each alert, the first first; when it fired in each scene."""
    fired = [{each["alert"]: each["fired_s"] for each in scene["broken"]["alerts"]} for scene in outages]
    severities = {each["alert"]: each["severity"] for scene in outages for each in scene["broken"]["alerts"]}
    order = sorted(severities, key=lambda alert: min(each[alert] for each in fired if alert in each))
    return [[f"[{alert}](../runbooks/{alert}.md)", severities[alert], *(_number(each.get(alert)) for each in fired)]
            for alert in order]
