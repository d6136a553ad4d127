"""How many scrapes a second one core bears, and whether polls keep their times meanwhile.

Run by ./dev bench scrapes, in a network namespace of its own. The exporter is held on one core, the clients (wrk) on
the others. Prints a table; what it says of polls is from the exporter's own figures.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from support import netns  # noqa: E402
from support.cpu_clock import cpu_ns  # noqa: E402
from support.exporter import Daemon  # noqa: E402
from support.sockets import established, listen  # noqa: E402

PEERS = 30  # about 500 series
SECONDS = 10
POLL_INTERVAL = 0.5
CONFIG = f"poll: {{interval: {int(POLL_INTERVAL * 1000)}ms}}\ndiscovery: {{max_peers: 100}}\n"
CONNECTIONS = 16


class Polls:
    """The polls from one scrape to another: how many, and how long they took on average."""

    def __init__(self, daemon):
        self._daemon, self._start, self._before = daemon, time.monotonic(), daemon.scrape()

    def report(self):
        elapsed, after = time.monotonic() - self._start, self._daemon.scrape()

        def risen(name):
            return after.get(name) - self._before.get(name)

        count = risen("timewait_exporter_poll_duration_seconds_count")
        mean = risen("timewait_exporter_poll_duration_seconds_sum") / count
        return f"{count:.0f} of {elapsed / POLL_INTERVAL:.0f} polls, {mean * 1000:.2f} ms each"


def wrk(daemon, cores, *headers):
    arguments = [part for header in headers for part in ("-H", header)]
    said = subprocess.run(
        ["taskset", "-c", cores, "wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{SECONDS}s", *arguments,
         f"http://{daemon.host}:{daemon.port}/metrics"], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said and "Socket errors" not in said, said
    return int(re.search(r"(\d+) requests in", said)[1])


def measure(daemon, name, cores, *headers):
    polls, begin, cpu = Polls(daemon), time.monotonic(), cpu_ns(daemon.process.pid)
    if headers:
        scrapes = wrk(daemon, cores, *headers)
    else:
        scrapes = 0
        time.sleep(SECONDS)
    elapsed, used = time.monotonic() - begin, (cpu_ns(daemon.process.pid) - cpu) / 1e9
    each = f"{used / scrapes * 1e6:.0f} us" if scrapes else "-"
    print(f"| {name} | {scrapes / elapsed:,.0f} | {each} | {used / elapsed:.0%} | {polls.report()} |")


def main():
    netns.become_root_of_own_namespace()
    netns.enter_fresh()
    held = []
    for number in range(PEERS):
        listener = listen("127.0.0.1", 20000 + number)
        held += [listener, *established(listener)]
    *others, last = sorted(os.sched_getaffinity(0))
    assert others, "this needs two cores"
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as config:
        config.write(CONFIG)
        config.flush()
        with Daemon(f"--config.file={config.name}") as daemon:
            subprocess.run(["taskset", "-a", "-c", "-p", str(last), str(daemon.process.pid)], check=True,
                           capture_output=True)
            exposition = daemon.scrape()
            print(f"{len(exposition.samples)} series, {len(exposition.text)} bytes; {len(others) + 1} cores, the exporter "
                  f"on one of them; {CONNECTIONS} connections kept open\n")
            print("| load | scrapes a second | CPU per scrape | of one core | polls |\n|---|---|---|---|---|")
            cores = ",".join(map(str, others))
            measure(daemon, "none", cores)
            measure(daemon, "gzip, as Prometheus asks", cores, "Accept-Encoding: gzip")
            measure(daemon, "plain", cores, "Accept-Encoding: identity")
            measure(daemon, "a connection each", cores, "Accept-Encoding: gzip", "Connection: close")


if __name__ == "__main__":
    main()
