"""Many hosts, each a network namespace with an exporter and connections of its own, and a Prometheus that scrapes all.

A host's exporter serves a socket that was opened in the caller's network namespace, as systemd would pass it one: so it
is scraped there, and sees the host's sockets.
"""

import contextlib
import multiprocessing
import socket
import subprocess

from support import netns
from support.exporter import Daemon
from support.prometheus import Prometheus
from support.prometheus_rules import FOLDER
from support.socket_activation import launcher
from support.sockets import client_time_wait, established, listen

CONFIGURATION = """\
peers:
  - name: db
    match: [{address: 10.0.1.0/24, port: 5432}]
  - name: cache
    match: [{address: 10.0.2.0/24, port: 6379}]
  - name: api
    match: [{address: 10.0.3.0/24, port: 443}]
listeners:
  - name: nginx
    match: [{port: 80}]
"""
NAMED = [("10.0.1.1", 5432), ("10.0.1.2", 5432), ("10.0.2.1", 6379), ("10.0.3.1", 443)]
DISCOVERED_PEERS = 5
# The host in trouble: so many ports, and so many open connections to the first of its databases.
TIGHT_PORTS, TIGHT_USED = 250, 220

_processes = multiprocessing.get_context("fork")  # whose children inherit the sockets


def _peers_of(number):
    """Where a host connects to. What it was not told by name differs from host to host."""
    return NAMED + [(f"10.1.{number % 250}.{each}", 8000 + each) for each in range(1, DISCOVERED_PEERS + 1)]


def _serve(number, served, configuration, is_tight, until):
    """One host, from its beginning until it is sent something."""
    netns.enter_fresh()
    if is_tight:
        netns.sysctl("ipv4.ip_local_port_range", f"40000 {39999 + TIGHT_PORTS}")
    with contextlib.ExitStack() as sockets:
        sockets.enter_context(listen("0.0.0.0", 80))
        for address, port in _peers_of(number):
            subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
            service = sockets.enter_context(listen(address, port))
            for _ in range(TIGHT_USED if is_tight and (address, port) == NAMED[0] else 1):
                for end in established(service):
                    sockets.enter_context(end)
            client_time_wait(service, 3)
        with Daemon("--web.systemd-socket", f"--config.file={configuration}", listen=None, launcher=launcher(served),
                    pass_fds=[served.fileno()]):
            until.send("ready")
            until.recv()


class Fleet:
    """So many hosts, of which those of the numbers `tight` are in trouble; a context manager that ends them.

    `targets`: where each is scraped, in the order of their numbers.
    """

    def __init__(self, directory, count, tight=()):
        configuration = directory / "fleet.yml"
        configuration.write_text(CONFIGURATION, encoding="utf-8")
        self.targets, self._hosts = [], []
        for number in range(count):
            served = socket.create_server(("127.0.0.1", 0))
            ours, theirs = _processes.Pipe()
            host = _processes.Process(target=_serve, args=(number, served, configuration, number in tight, theirs))
            host.start()
            theirs.close()
            self.targets.append("{}:{}".format(*served.getsockname()))
            served.close()
            self._hosts.append((host, ours))

    def __enter__(self):
        try:
            for _, until in self._hosts:
                until.recv()
        except EOFError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for _, until in self._hosts:
            with contextlib.suppress(BrokenPipeError):
                until.send("end")
        for host, until in self._hosts:
            host.join(timeout=30)
            until.close()


def prometheus_of(fleet, directory, scrape_interval):
    """A Prometheus with all rules that ship. `scrape_interval`: as Prometheus writes it."""
    return Prometheus(directory, configuration={
        "global": {"scrape_interval": scrape_interval, "evaluation_interval": scrape_interval},
        "rule_files": [str(FOLDER / "*.yml")],
        "scrape_configs": [{"job_name": "timewait", "static_configs": [{"targets": fleet.targets}]},
                           {"job_name": "prometheus", "static_configs": [{"targets": ["127.0.0.1:9090"]}]}]})
