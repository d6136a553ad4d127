"""A picture of each scene: its phases over the same time."""

import math
import subprocess

from lab import report

_COLOURS = {"broken": "#d62728", "fixed": "#1f77b4", "default": "#7f7f7f"}
_SEVERITIES = {"critical": "#d62728", "warning": "#ff7f0e", "info": "#7f7f7f"}


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


def _panel(title, top, bottom, plot):
    """From and to these shares of the picture's height."""
    return (f'set title "{title}" offset 0,-0.7\nset tmargin at screen {top}\nset bmargin at screen {bottom}\n{plot}\n')


def _step(most):
    """Between the marks of an axis from 0 to this: a round number of which two or three fit."""
    magnitude = 10 ** int(math.log10(most))
    return magnitude * next(step for step, below in ((0.5, 1.5), (1, 3), (2, 6), (5, 10)) if most < below * magnitude)


def _mark_failure(record):
    at = f"{record['first_failure']:.1f}"
    return f'set arrow 99 from {at},graph 0 to {at},graph 1 nohead lw 1.5 dt 2 lc rgb "{_COLOURS["broken"]}"\n'


def _headroom(records):
    marks = "".join(f'set arrow from graph 0,first {share} to graph 1,first {share} nohead dt 3 lc rgb "#666666"\n'
                    for share in (10, 20))
    return (f"{marks}set yrange [0:105]\nset ytics 0,20,100\nset key at graph 0.6,0.8 top right\n"
            f"plot {_curves(records, 'headroom')}\nunset arrow\nset key off\nunset label")


def _arrivals(records, sustainable):
    return (f'set yrange [0:{1.25 * sustainable:.0f}]\nset ytics 0,10\n'
            f'set label 1 "sustainable" at graph 0.02,first {1.1 * sustainable:.1f}\n'
            f'plot {_curves(records, "arrivals")}, {sustainable:.4g} lw 2 dt 2 lc rgb "#666666"\nunset label 1')


def _alerts(record):
    """A row for each alert, from the top down as they fired."""
    fired = report.fired(record)
    rows = range(len(fired), 0, -1)
    names = ", ".join(f'"{each.alert.removeprefix("Timewait")}" {row}' for row, each in zip(rows, fired))
    marks = "".join(
        f'set arrow from {span["from"]:.1f},{row} to {span["to"]:.1f},{row} '
        f'nohead lw 5 lc rgb "{_SEVERITIES[each.severity]}"\n'
        for row, each in zip(rows, fired) for span in record["alerts"] if span["alert"] == each.alert)
    dots = "".join(f'set label "" at {each.notified:.1f},{row} point pt 7 ps 0.9 lc rgb "black" front\n'
                   for row, each in zip(rows, fired) if each.notified is not None)
    return f"set yrange [0.3:{len(rows) + 0.7}]\nset ytics ({names})\n{marks}{dots}plot NaN\nunset arrow\nunset label"


def draw(scene, records, path):
    """`records`: of the scene's phases, as it is to be; `path`: of the SVG."""
    broken = next(record for record in records if record["phase"] == "broken")
    ports, sustainable = (broken["exporter"][name][-1][1] for name in ("capacity", "sustainable"))
    failure = _mark_failure(broken)
    script = (
        _series(records, "headroom", 100) + _series(records, "arrivals") + _block("errors", _errors(broken)) +
        f"""set terminal svg size 800,640 font "sans-serif,13" background "white"
set output "{path}"
set multiplot title "{scene.title}" font ",16"
set lmargin at screen 0.24
set rmargin at screen 0.97
set xrange [0:{max(record["seconds"] for record in records):.0f}]
set grid
set format x ""
set label "first failure" at {broken["first_failure"]:.1f},35 right offset -0.7,0
""" + failure + _panel(f"Effective headroom, % of {ports:.0f} ports", 0.89, 0.61, _headroom(records)) +
        failure + _panel("New connections a second", 0.55, 0.40, _arrivals(records, sustainable)) +
        _panel("Alerts: a bar while the rules fire, a dot when the notification comes", 0.34, 0.23, _alerts(broken)) +
        failure + f'set yrange [0:*]\nset ytics {_step(len(broken["failures"]))}\nset format x "%g"\n'
        'set xlabel "seconds since the users began to come"\n' +
        _panel("Requests that failed", 0.17, 0.09, f'plot $errors with steps lw 2 lc rgb "{_COLOURS["broken"]}"'))
    subprocess.run(["gnuplot"], input=script, text=True, check=True, timeout=60)
