"""What a poll costs beside other ways to ask the kernel for its TCP sockets: CPU time, measured in turns in one run.

usage: beside_report.py [SOCKETS...]      (see ./dev bench)

In a network namespace of its own it makes real TIME_WAIT sockets, as many as each number says, and lets every program
read them once in each round; who comes first changes from round to round. While one is measured the others stand
still, and before that the machine rests: as a daemon's poll does, each begins on a processor that has idled. Ratios
are those of one round. Prints Markdown tables, and judges nothing.
"""

import contextlib
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import contestants  # noqa: E402
from contestants import (CAT, COLLECTD, NODE_EXPORTER, ONE_LESS, ONE_WALK, OURS, SS, TWO_LESS,  # noqa: E402
                         TWO_WALKS)
from support import exporter, netns  # noqa: E402
from support.time_wait_maker import TimeWaitMaker, time_wait_sockets  # noqa: E402

SIZES = [0, 10_000, 100_000, 400_000, 1_000_000]
ROUNDS = 11
MOST_ROUNDS = 5 * ROUNDS  # with those in which sockets expired
REST_SECONDS = 0.2
ENOUGH = 0.98  # of the sockets, in a round that counts

RATIOS = [(OURS, ONE_WALK), (OURS, TWO_WALKS), (OURS, ONE_LESS), (OURS, TWO_LESS), (NODE_EXPORTER, OURS), (SS, OURS),
          (CAT, OURS), (COLLECTD, OURS)]


def first_match(pattern, text):
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else "unknown"


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def print_machine():
    cpus = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    memory_kib = first_match(r"^MemTotal: *(\d+)", pathlib.Path("/proc/meminfo").read_text(encoding="ascii"))
    buckets = first_match(r"TCP established hash table entries: (\d+)", output_of("dmesg"))
    print(f"- machine: {cpus.count('processor')} CPUs ({first_match(r'^model name.*: (.*)', cpus)}), "
          f"{int(memory_kib) / 2**20:.0f} GiB, Linux {platform.release()}, {buckets} buckets of established sockets")
    print("- versions: " + "; ".join(output.splitlines()[0] for output in (
        output_of(exporter.binary(), "--version"), output_of("ss", "-V"), output_of("cat", "--version"),
        output_of("prometheus-node-exporter", "--version"),
        "collectd " + first_match(r"^collectd ([^,]*)", output_of("collectd", "-h")))))


def is_good(readings, least):
    return time_wait_sockets() >= least and all(
        reading.seen is None or reading.seen >= least for reading in readings.values())


def after_a_rest(read):
    time.sleep(REST_SECONDS)
    return read()


def measure(programs, maker, sockets):
    """The rounds that count, each {name: Reading}, and how many there were in all."""
    names, rounds = list(programs), []
    for turn in range(MOST_ROUNDS):
        maker.make_anew_unless(ENOUGH * sockets, sockets)
        first = turn % len(names)
        readings = {name: after_a_rest(programs[name]) for name in names[first:] + names[:first]}
        if is_good(readings, ENOUGH * sockets):
            rounds.append(readings)
        if len(rounds) == ROUNDS:
            return rounds, turn + 1
    sys.exit(f"{sockets} sockets never stayed for {ROUNDS} rounds")


def spread(values, form):
    return " | ".join(format(value, form) for value in (statistics.median(values), min(values), max(values)))


def print_tables(sockets, rounds, turns):
    seen = [readings[OURS].seen for readings in rounds]
    print(f"\n### {sockets:,} TIME_WAIT sockets\n\n{len(rounds)} rounds that count, of {turns}; the exporter saw "
          f"{min(seen):,} to {max(seen):,}\n")
    print("| | CPU ms, median | least | most | ns per socket |\n|---|---|---|---|---|")
    for name in (OURS, ONE_WALK, TWO_WALKS, ONE_LESS, TWO_LESS, COLLECTD, NODE_EXPORTER, CAT, SS):
        cpu_ms = [readings[name].cpu_ns / 1e6 for readings in rounds]
        each = f"{statistics.median(cpu_ms) * 1e6 / sockets:.0f}" if sockets else "-"
        print(f"| {name} | {spread(cpu_ms, '.3f')} | {each} |")
    print("\n| ratio within a round | median | least | most |\n|---|---|---|---|")
    for above, below in RATIOS:
        ratios = [readings[above].cpu_ns / readings[below].cpu_ns for readings in rounds]
        print(f"| {above} / {below} | {spread(ratios, '.3f')} |", flush=True)


def main():
    # Upwards, since the sockets of a larger number would still be there.
    sizes = sorted(int(size) for size in sys.argv[1:]) or SIZES
    assert shutil.which("ss") and shutil.which("collectd"), "run this through ./dev bench beside"
    netns.become_root_of_own_namespace()
    netns.enter_fresh()
    print_machine()
    with contextlib.ExitStack() as stack:
        maker = stack.enter_context(
            TimeWaitMaker(pathlib.Path(exporter.binary()).parent / "make_time_wait", max(*sizes, 1)))
        programs = contestants.start_all(stack)
        for sockets in sizes:
            print_tables(sockets, *measure(programs, maker, sockets))


if __name__ == "__main__":
    main()
