"""A web shop's host that pictures are taken of, with its exporter. The clients of its nginx, and what it connects to, are
in a second network namespace, at the other end of a cable; this file is also the program there.
"""

import contextlib
import math
import pathlib
import subprocess
import sys

from support import netns
from support.exporter import Daemon
from support.load import Clients, Echoless, allow_many_files, burst, lay_cable, play
from support.project import PROJECT

HOST = "10.0.0.5"
ORDERS_DB, EXTERNAL_API = ("10.0.0.9", 5432), ("10.0.0.10", 443)
REDIS, KAFKA = ("10.0.0.11", 6379), ("10.0.0.12", 9092)
NGINX, TOMCAT = (HOST, 80), ("127.0.0.1", 8080)
_REMOTE = (ORDERS_DB, EXTERNAL_API, REDIS, KAFKA)
_CONFIG = """
peers:
  - {name: orders-db, match: [{address: 10.0.0.9, port: 5432}]}
  - {name: external-api, match: [{address: 10.0.0.10, port: 443}]}
  - {name: tomcat, match: [{address: 127.0.0.1, port: 8080}]}
  - {name: redis-sessions, match: [{address: 10.0.0.11, port: 6379}]}
listeners:
  - {name: nginx, match: [{port: 80}]}
  - {name: tomcat, match: [{port: 8080}]}
"""


@contextlib.contextmanager
def shop(directory):
    """(its exporter, the server that its clients need). The caller's process moves into a fresh network namespace."""
    netns.become_root_of_own_namespace()
    netns.enter_fresh()
    allow_many_files()
    netns.sysctl("ipv4.ip_local_port_range", "32768 44767")  # few, so that little load fills them
    config = pathlib.Path(directory, "config.yml")
    config.write_text(_CONFIG, encoding="utf-8")
    with subprocess.Popen([sys.executable, "-B", "-m", "support.shop"], cwd=PROJECT / "tests", stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True, preexec_fn=netns.enter_fresh) as other:
        try:
            lay_cable(other, HOST, [address for address, _ in _REMOTE])
            with Daemon(f"--config.file={config}", listen=f"{HOST}:10048") as daemon:
                server = Echoless([NGINX, TOMCAT])
                other.stdin.write("\n")
                other.stdin.flush()
                assert other.stdout.readline() == "ready\n"
                yield daemon, server
        finally:
            other.kill()


def everyday():
    """The load that is no trouble."""
    return [Clients(TOMCAT, lambda now: 105), Clients(REDIS, burst(64), held=math.inf)]


def _remote():
    sys.stdin.readline()  # until the cable is there
    server = Echoless(_REMOTE)
    print("ready", flush=True)
    play([Clients(NGINX, lambda now: 25 + 15 * math.sin(now / 90), held=2)], server, lambda now: True)


if __name__ == "__main__":
    _remote()
