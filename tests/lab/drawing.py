"""A picture of each scene: its phases over the same time."""

import subprocess

from lab import report

_COLOURS = {"broken": "#d62728", "fixed": "#2ca02c", "default": "#1f77b4"}
_SEVERITIES = {"critical": "#d62728", "warning": "#ff7f0e", "info": "#1f77b4"}


def _block(name, rows):
    return f"${name} << END\n" + "".join(" ".join(map(str, row)) + "\n" for row in rows) + "END\n"


def _series(records, name, factor=1):
    return "".join(_block(f"{name}_{record['phase']}", [(f"{at:.1f}", f"{factor * value:.4g}") for at, value in _thinned(
        record["exporter"][name])]) for record in records)


def _thinned(points):
    """Without those that repeat what is before and after them; a step stays one."""
    return [point for i, point in enumerate(points)
            if i in (0, len(points) - 1) or point[1] != points[i - 1][1] or point[1] != points[i + 1][1]]


def _errors(record):
    """The number of failed requests so far; at 0 until the first."""
    rows = [(0, 0)] + [(f"{at:.1f}", i + 1) for i, at in enumerate(record["failures"])]
    return rows[:1] + rows[1::max(1, len(rows) // 200)] + [(f"{record['seconds']:.1f}", len(record["failures"]))]


def _curves(records, name):
    return ", ".join(f'${name}_{record["phase"]} with lines lw 2 lc rgb "{_COLOURS[record["phase"]]}" '
                     f'title "{record["phase"]}"' for record in records)


def _alert_rows(record):
    """The alerts of the broken phase from the top down: (row, fired, notified, severity, name)."""
    notified = report.first_notifications(record)
    return [(len(notified) - i, report.first_firing(record, alert), at, severity, alert)
            for i, (at, alert, severity) in enumerate(notified)]


def _alerts_panel(record):
    rows = _alert_rows(record)
    tics = ", ".join(f'"{alert.removeprefix("Timewait")}" {row}' for row, _, _, _, alert in rows)
    marks = "".join(
        f'set arrow from {fired:.1f},{row} to {record["seconds"]:.1f},{row} nohead lw 5 lc rgb "{_SEVERITIES[severity]}"\n'
        f'set label "" at {at:.1f},{row} point pt 7 ps 0.9 lc rgb "black" front\n'
        for row, fired, at, severity, _ in rows)
    return f"""set title "Alerts: bars since the rules fire, dots when the notification comes" offset 0,-0.7
set yrange [0.3:{len(rows) + 0.7}]
set ytics ({tics})
{marks}plot NaN notitle
unset arrow
unset label
"""


def draw(scene, records, path):
    """`records`: of the scene's phases; `path`: of the SVG."""
    broken = next(record for record in records if record["phase"] == "broken")
    failure = broken["first_failure"]
    script = (
        _series(records, "headroom", 100) + _series(records, "arrivals") + _series([broken], "sustainable") +
        _block("errors", _errors(broken)) +
        f"""set terminal svg size 800,760 font "sans-serif,13" background "white"
set output "{path}"
set multiplot layout 4,1 title "{scene.title}" font ",16"
set lmargin 26
set rmargin 4
set xrange [0:{max(record["seconds"] for record in records):.0f}]
set grid
set key left bottom
set arrow 99 from {failure:.1f},graph 0 to {failure:.1f},graph 1 nohead lw 1.5 dt 2 lc rgb "#d62728"
set title "Effective headroom, % of {int(broken["exporter"]["capacity"][0][1])} ports" offset 0,-0.7
set yrange [0:105]
plot {_curves(records, "headroom")}
set title "New connections a second, and what can be sustained" offset 0,-0.7
set yrange [0:*]
set key left top
plot {_curves(records, "arrivals")}, $sustainable_broken with lines lw 2 dt 2 lc rgb "#666666" title "sustainable"
{_alerts_panel(broken)}
set arrow 99 from {failure:.1f},graph 0 to {failure:.1f},graph 1 nohead lw 1.5 dt 2 lc rgb "#d62728"
set title "Requests that failed" offset 0,-0.7
set yrange [0:*]
set ytics auto
set xlabel "seconds since the users began to come"
plot $errors with steps lw 2 lc rgb "{_COLOURS["broken"]}" title "broken"
""")
    subprocess.run(["gnuplot"], input=script, text=True, check=True, timeout=60)
