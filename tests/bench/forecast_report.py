"""Plays every scene of the forecast, prints what came of each, and draws the burst.

usage: forecast_report.py PLOT.svg      (see ./dev forecast)
"""

import math
import multiprocessing
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import forecast_scenes, netns  # noqa: E402
from support.forecast_comparison import compare  # noqa: E402

SCENES = forecast_scenes.SCENES
COMPARED = SCENES.index(forecast_scenes.BURST)
FROM_SECOND = 10  # errors count from here on


def play(number, directory):
    scene, directory = SCENES[number], pathlib.Path(directory)
    return compare(scene, directory) if number == COMPARED else forecast_scenes.run(scene, directory)


def seconds_or_inf(value):
    return "+Inf" if value == math.inf else f"{value:.1f} s"


def row_of_failure(scene, record):
    errors = record.errors(after=FROM_SECOND)
    finite = [(abs(error), abs(error) / left) for _, left, error in errors if error != math.inf]
    none_yet = sum(error == math.inf for _, _, error in errors)
    mean = sum(error for error, _ in finite) / len(finite)
    near = max(abs(error) for _, left, error in errors if left <= 15)
    return (f"| {scene.name} | {record.failed_at:.1f} s | {none_yet} of {len(errors)} | {mean:.1f} s | "
            f"{max(error for error, _ in finite):.1f} s | {seconds_or_inf(near)} |")


def row_of_none(scene, record):
    alarms = [at for at, forecast, _ in record.samples if forecast != math.inf]
    span = f"{alarms[0]:.1f} s to {alarms[-1]:.1f} s" if alarms else "-"
    most = max(used for _, _, used in record.samples) / scene.ports
    return f"| {scene.name} | {most:.0%} | {len(alarms)} of {len(record.samples)} | {span} |"


def print_tables(records):
    print("| connect() fails | when | +Inf before | mean error | largest | in the last 15 s |")
    print("|---|---|---|---|---|---|")
    for scene, record in records:
        if record.failed_at is not None:
            print(row_of_failure(scene, record))
    print("\n| connect() never fails | most ports used | finite forecasts | from, to |")
    print("|---|---|---|---|")
    for scene, record in records:
        if record.failed_at is None:
            print(row_of_none(scene, record))


def data_block(name, series):
    return f"${name} << END\n" + "".join(f"{at:.1f} {value:.3f}\n" for at, value in series) + "END\n"


def draw(comparison, path):
    """Above: the ports. Below: what each of the two expects."""
    top = 600  # where +Inf is drawn
    ours = [(at, min(value, top)) for at, value in comparison.forecast]
    script = (
        data_block("used", comparison.used) + data_block("ours", ours) +
        data_block("line", [(at, value) for at, value in comparison.seconds_left if value < top]) +
        f"""set terminal svg size 760,520 font "sans-serif,13" background "white"
set output "{path}"
set multiplot layout 2,1
set lmargin 10
set rmargin 3
set xrange [0:{forecast_scenes.BURST.seconds:g}]
set grid
set key top right
set ylabel "ports"
set yrange [0:2900]
plot 2000 lw 2 lc rgb "#666666" title "capacity", \\
     $used with steps lw 2 lc rgb "#1f77b4" title "used: 1,000 in one second, then 12 a second"
set ylabel "seconds until exhausted"
set xlabel "seconds"
set key center right
set yrange [0:{top + 60}]
set ytics 0,100,{top - 100}
set ytics add ("+Inf" {top})
plot $ours with lines lw 2 lc rgb "#2ca02c" title "timewait\\\\_outbound\\\\_exhaustion\\\\_seconds", \\
     $line with points pt 7 ps 0.4 lc rgb "#d62728" title "the line of predict\\\\_linear() over 1 min"
""")
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main(plot):
    netns.become_root_of_own_namespace()
    with tempfile.TemporaryDirectory() as directory, multiprocessing.Pool(len(SCENES), maxtasksperchild=1) as pool:
        jobs = []
        for number in range(len(SCENES)):
            own = pathlib.Path(directory) / str(number)
            own.mkdir()
            jobs.append((number, str(own)))
        results = pool.starmap(play, jobs, chunksize=1)
    comparison = results[COMPARED]
    results[COMPARED] = comparison.record
    print_tables(list(zip(SCENES, results)))
    print(f"\npredict_linear() over 1 min, five minutes ahead, in the burst: {len(comparison.predicted_alarms())} "
          f"alarms in {len(comparison.predicted)} evaluations; the exporter: {len(comparison.forecast_alarms())}.")
    draw(comparison, plot)


if __name__ == "__main__":
    main(sys.argv[1])
