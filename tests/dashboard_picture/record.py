"""Puts a host under load until its ports run out toward one peer, and keeps what the dashboard's panels then ask for."""

import math
import pathlib
import time

from support import grafana, prometheus_rules
from support.load import Clients, burst, play
from support.prometheus import Prometheus
from support.shop import EXTERNAL_API, ORDERS_DB, everyday, shop

# Seconds. At the end, about one port in twenty is left toward the external API.
SCRAPE_INTERVAL, SHOWN, RAMP_FROM, END = 5, 540, 390, 555


def calls(now):
    """To the external API: a calm load, and then more and more."""
    return 75 + 8 * math.sin(now / 45) + max(0, 0.9 * (now - RAMP_FROM))


def prometheus_configuration(daemon):
    target = {"targets": [f"{daemon.host}:{daemon.port}"], "labels": {"instance": "shop-1"}}
    return {"global": {"scrape_interval": f"{SCRAPE_INTERVAL}s"},
            "rule_files": [str(file) for file in prometheus_rules.FILES],
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
    with shop(scratch) as (daemon, server), \
            Prometheus(pathlib.Path(scratch), configuration=prometheus_configuration(daemon)) as prometheus:
        play([Clients(ORDERS_DB, lambda now: 12), Clients(ORDERS_DB, burst(40), held=math.inf),
              Clients(EXTERNAL_API, calls), *everyday()], server, lambda now: now < END)
        now = time.time()
        return {"from": now - SHOWN, "to": now, "answers": answers(dashboard, prometheus, now)}
