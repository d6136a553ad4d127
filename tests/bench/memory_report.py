"""What the exporter keeps in memory, and what it costs a host where there is nothing to see.

usage: memory_report.py      (see ./dev bench)

In network namespaces of its own: the daemon at an empty table, at one full of real TIME_WAIT sockets, and its poller
over ten thousand polls (many_polls). Prints Markdown tables, and judges nothing.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import exporter, netns  # noqa: E402
from support.cpu_clock import cpu_ns  # noqa: E402
from support.time_wait_maker import TimeWaitMaker, time_wait_sockets  # noqa: E402
from support.waiting import wait_for  # noqa: E402

SOCKETS = 400_000
POLLS = 10  # before the memory is looked at
MANY_POLLS = 10_000
IDLE_SECONDS = 60
CONFIG = "poll: {interval: 500ms, max_cpu: 100%}\n"
FIELDS = ("VmRSS", "RssAnon", "RssFile", "VmHWM")


def built(name):
    return pathlib.Path(exporter.binary()).parent / name


def polls(daemon):
    return daemon.scrape().get("timewait_exporter_polls_total")


def memory_row(name, daemon):
    status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text(encoding="utf-8")
    mib = (int(re.search(rf"^{field}:\s*(\d+) kB", status, re.MULTILINE)[1]) / 1024 for field in FIELDS)
    return f"| {name} | {' | '.join(f'{value:.1f}' for value in mib)} |"


def report_memory():
    print(f"| MiB, after {POLLS} polls | {' | '.join(FIELDS)} |\n|---|---|---|---|---|")
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as config:
        config.write(CONFIG)
        config.flush()

        def row_after_polls(daemon, name):
            seen = polls(daemon)
            wait_for(lambda: polls(daemon) >= seen + POLLS, timeout=60)
            print(memory_row(name, daemon), flush=True)

        with exporter.Daemon(f"--config.file={config.name}") as daemon:
            row_after_polls(daemon, "no sockets")
        with exporter.Daemon(f"--config.file={config.name}") as daemon, \
                TimeWaitMaker(built("make_time_wait"), SOCKETS) as maker:
            maker.make(SOCKETS)
            row_after_polls(daemon, f"{time_wait_sockets():,} TIME_WAIT sockets")
            wait_for(lambda: time_wait_sockets() < SOCKETS / 1000, timeout=120, pause=0.5)
            row_after_polls(daemon, "the same daemon when they have expired")


def report_idle_cost():
    """As it comes, without a configuration."""
    with exporter.Daemon() as daemon:
        seen, begin, used = polls(daemon), time.monotonic(), cpu_ns(daemon.process.pid)
        time.sleep(IDLE_SECONDS)
        elapsed, used = time.monotonic() - begin, cpu_ns(daemon.process.pid) - used
        print(f"\nWithout sockets, at the default interval: {used / 1e6:.1f} ms of CPU in {elapsed:.0f} s, "
              f"{used / elapsed / 1e9:.4%} of a core, {polls(daemon) - seen:.0f} polls", flush=True)


def report_many_polls():
    print("\n| polls | sockets in the last | anonymous memory, KiB |\n|---|---|---|")
    with subprocess.Popen([built("many_polls"), str(MANY_POLLS)], stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            print(f"| {' | '.join(line.split())} |", flush=True)
    if process.returncode != 0:
        sys.exit("many_polls failed")


def main():
    netns.become_root_of_own_namespace()
    netns.enter_fresh()
    report_memory()
    netns.enter_fresh()
    report_idle_cost()
    report_many_polls()


if __name__ == "__main__":
    main()
