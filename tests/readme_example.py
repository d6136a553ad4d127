#!/usr/bin/python3
"""Makes the table and the excerpts of /metrics in README.md and of /api/v1/snapshot in src/exposition/SNAPSHOT.md, on real
sockets in a network namespace of its own:

    TIMEWAIT=build/release/timewait TIMEWAIT_EXPORTER=build/release/timewait_exporter tests/readme_example.py
"""

import json
import subprocess
import time

from support import exporter, netns, timewait
from support.exporter import Daemon
from support.sockets import client_time_wait, established, listen

HOST, API = "10.0.0.5", "10.0.0.9"


def print_metrics():
    for line in exporter.poll_once().text.splitlines():
        if line.startswith("timewait_outbound") and "entered" not in line:
            print(line)


def print_snapshot():
    with Daemon() as daemon:
        snapshot = json.loads(daemon.get("/api/v1/snapshot")[2])
    print(json.dumps(snapshot["findings"], indent=2))
    print(json.dumps(snapshot["namespaces"][0]["peers"][0], indent=2))


def main():
    netns.become_root_of_own_namespace()
    netns.enter_fresh()
    for address in (HOST, API):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    tomcat, api = listen("127.0.0.1", 8080), listen(API, 443)
    client_time_wait(api, 18000, source=HOST)
    held = [established(api, source=HOST) for _ in range(212)]
    client_time_wait(tomcat, 14000)
    time.sleep(1.2)  # tcp_tw_reuse_delay
    print(timewait.table())
    print_metrics()
    print_snapshot()
    del held


if __name__ == "__main__":
    main()
