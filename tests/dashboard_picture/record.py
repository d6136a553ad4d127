"""Puts a host under load until its ports run out toward one peer, and keeps what the dashboard's panels then ask for."""

import math
import pathlib
import subprocess
import sys
import time

from support import grafana, netns
from support.exporter import Daemon
from support.load import Clients, Echoless, allow_many_files, burst, lay_cable, play
from support.project import PROJECT
from support.prometheus import Prometheus

HOST = "10.0.0.5"
REMOTE = ORDERS_DB, EXTERNAL_API, REDIS = ("10.0.0.9", 5432), ("10.0.0.10", 443), ("10.0.0.11", 6379)
NGINX, TOMCAT = (HOST, 80), ("127.0.0.1", 8080)
CONFIG = """
peers:
  - {name: orders-db, match: [{address: 10.0.0.9, port: 5432}]}
  - {name: external-api, match: [{address: 10.0.0.10, port: 443}]}
  - {name: tomcat, match: [{address: 127.0.0.1, port: 8080}]}
  - {name: redis-sessions, match: [{address: 10.0.0.11, port: 6379}]}
listeners:
  - {name: nginx, match: [{port: 80}]}
  - {name: tomcat, match: [{port: 8080}]}
"""
# Seconds. At the end, one port in twenty is left toward the external API.
SCRAPE_INTERVAL, SHOWN, RAMP_FROM, END = 5, 540, 390, 550


def calls(now):
    """To the external API: a calm load, and then more and more."""
    return 75 + 8 * math.sin(now / 45) + max(0, 0.9 * (now - RAMP_FROM))


def remote():
    """The other end of the cable: services, and the clients of nginx."""
    sys.stdin.readline()  # until the cable is there
    server = Echoless(REMOTE)
    print("ready", flush=True)
    play([Clients(NGINX, lambda now: 25 + 15 * math.sin(now / 90), held=2)], server, lambda now: True)


def prometheus_configuration(daemon):
    rules = sorted((PROJECT / "deploy/prometheus/rules").glob("*.yml"))
    target = {"targets": [f"{daemon.host}:{daemon.port}"], "labels": {"instance": "shop-1"}}
    return {"global": {"scrape_interval": f"{SCRAPE_INTERVAL}s"}, "rule_files": [str(file) for file in rules],
            "scrape_configs": [{"job_name": "timewait", "static_configs": [target]}]}


def answers(dashboard, prometheus, now):
    """{id of a panel: [what each of its targets is answered]}"""
    values = grafana.chosen(dashboard)
    step = grafana.step(SHOWN, SCRAPE_INTERVAL)

    def answer(target):
        query = grafana.interpolated(target["expr"], values, SHOWN, SCRAPE_INTERVAL)
        if target["instant"]:
            return prometheus.ask("query", query=query, time=now)
        return prometheus.ask("query_range", query=query, start=now - SHOWN, end=now, step=step)

    return {panel["id"]: [answer(target) for target in panel["targets"]] for panel in grafana.panels(dashboard)}


def recorded(scratch, dashboard):
    """{from, to, answers}, times in seconds. The caller's process moves into a fresh network namespace."""
    netns.become_root_of_own_namespace()
    netns.enter_fresh()
    allow_many_files()
    netns.sysctl("ipv4.ip_local_port_range", "32768 44767")  # few, so that little load fills them
    with subprocess.Popen([sys.executable, "-B", "-m", "dashboard_picture", "--remote"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True, preexec_fn=netns.enter_fresh) as other:
        try:
            lay_cable(other, HOST, [address for address, _ in REMOTE])
            config = pathlib.Path(scratch, "config.yml")
            config.write_text(CONFIG)
            with Daemon(f"--config.file={config}", listen=f"{HOST}:10048") as daemon, \
                    Prometheus(pathlib.Path(scratch), configuration=prometheus_configuration(daemon)) as prometheus:
                server = Echoless([NGINX, TOMCAT])
                other.stdin.write("\n")
                other.stdin.flush()
                assert other.stdout.readline() == "ready\n"
                play([Clients(ORDERS_DB, lambda now: 12), Clients(ORDERS_DB, burst(40), held=math.inf),
                      Clients(EXTERNAL_API, calls), Clients(TOMCAT, lambda now: 105),
                      Clients(REDIS, burst(64), held=math.inf)], server, lambda now: now < END)
                now = time.time()
                return {"from": now - SHOWN, "to": now, "answers": answers(dashboard, prometheus, now)}
        finally:
            other.kill()
