"""What a record comes to: the figures that the documents quote, what is not as it must be, and the tables."""

import math
import typing

from lab import scenes

_WAKES = ("critical", "warning")  # an alert of severity info wakes nobody


class Alert(typing.NamedTuple):
    """Times are seconds since the users began to come."""
    fired: float            # for the first time; the notification comes later
    alert: str
    severity: str
    notified: float | None  # for the first time; None if never: another one says it, or it is only for a dashboard


def fired(record):
    """Each alert once, in the order in which they fired."""
    first = {}
    for each in sorted(record["alerts"], key=lambda alert: alert["from"]):
        first.setdefault(each["alert"], each)
    notified = {}
    for each in record["notifications"]:
        if each["status"] == "firing":
            notified.setdefault(each["alert"], each["at"])
    return [Alert(each["from"], alert, each["severity"], notified.get(alert)) for alert, each in first.items()]


def warning(record):
    """The first notification about the scene's peer that wakes someone; None if there is none."""
    peer = scenes.scene(record["scene"]).peer
    return min((each["at"] for each in record["notifications"]
                if each["status"] == "firing" and each["severity"] in _WAKES and each["peer"] == peer), default=None)


def problems(record, phase):
    """What is not as it must be, in sentences."""
    counts = record["counted_by"]
    errors = {who: counts[who]["errors"] for who in ("users", "nginx")} | {"application": counts["application"]["failed"]}
    found = []
    if phase.fails:
        for_want_of_ports = counts["nginx"]["without_port"] + counts["application"]["without_port"]
        if errors["nginx"] > for_want_of_ports:
            found.append(f"{errors['nginx'] - for_want_of_ports} requests failed for another reason")
        if record["first_failure"] is None:
            found.append("no request failed")
        elif warning(record) is None or warning(record) >= record["first_failure"]:
            found.append("nobody was warned before the first failure")
    else:
        found += [f"{who} counted {number} errors" for who, number in errors.items() if number]
        found += [f"{alert} fired" for alert in sorted({each["alert"] for each in record["alerts"]})]
    return [f"{record['scene']}, {record['phase']}: {each}" for each in found]


def _seconds(value):
    return value and round(value, 1)


def figures(record):
    """For the documents."""
    said = record["exporter"]
    counts = record["counted_by"]
    application = counts["application"]
    result = {
        "requests": counts["users"]["requests"],
        "errors": {"users": counts["users"]["errors"], "nginx": counts["nginx"]["errors"],
                   "nginx_without_port": counts["nginx"]["without_port"], "application": application["failed"],
                   "application_without_port": application["without_port"]},
        "ports": int(said["capacity"][-1][1]),
        "most_ports_used": int(max(value for _, value in said["used"])),
        "least_effective_headroom_percent": round(100 * min(value for _, value in said["headroom"]), 1),
        "alerts": [{"alert": each.alert, "severity": each.severity, "fired_s": _seconds(each.fired),
                    "notified_s": _seconds(each.notified)} for each in fired(record)],
        "first_failure_s": _seconds(record["first_failure"]),
    }
    if record["first_failure"] is not None and warning(record) is not None:
        before = record["first_failure"] - warning(record)
        result["warned_before_failure_s"] = _seconds(before)
        result["warned_before_failure_percent"] = round(100 * before / record["first_failure"], 1)
    return result


def _number(value, unit=""):
    if value is None:
        return "-"
    return "+Inf" if value == math.inf else f"{value:.0f}{unit}"


def _at(points, seconds):
    return next((value for at, value in reversed(points) if at <= seconds), None)


def _course(record, step=30):
    """What the exporter said, as a table."""
    said = record["exporter"]
    lines = ["| after | users | new connections a second | ports used | effective headroom | ports run out in |",
             "|---|---|---|---|---|---|"]
    for seconds in range(step, int(record["seconds"]) + 1, step):
        headroom = _at(said["headroom"], seconds)
        lines.append(
            f"| {seconds} s | {_at(record['users'], seconds)} | {_number(_at(said['arrivals'], seconds))} | "
            f"{_number(_at(said['used'], seconds))} | {_number(headroom and 100 * headroom, ' %')} | "
            f"{_number(_at(said['forecast'], seconds), ' s')} |")
    return lines


def _events(record):
    events = [(each.fired, f"{each.alert} ({each.severity}) fires, " + (
        "and is notified to nobody" if each.notified is None else f"and is notified at {each.notified:.0f} s"))
        for each in fired(record)]
    if record["first_failure"] is not None:
        events.append((record["first_failure"], "**the first request fails**"))
    return [f"- {at:.0f} s: {what}" for at, what in sorted(events)] or ["- no alert, no error"]


def text(record, title):
    """Markdown."""
    result = figures(record)
    errors = result["errors"]
    lines = [
        f"## {title}: {record['phase']}", "", *_course(record), "", *_events(record),
        f"- {result['requests']} requests; errors: {errors['users']} seen by the users, {errors['nginx']} by nginx "
        f"({errors['nginx_without_port']} times it found no port), {errors['application']} by the application "
        f"({errors['application_without_port']} without a port)"]
    if "warned_before_failure_s" in result:
        lines.append(f"- warned {result['warned_before_failure_s']} s before the first failure, "
                     f"{result['warned_before_failure_percent']} % of the way there")
    return "\n".join(lines) + "\n"
