"""One soak, from the warm-up to the end: its record."""

import contextlib
import dataclasses
import json
import time

from soak import churn, faults, honest, hostile, site as sites, usage
from soak.worker import Worker
from support.time_wait_maker import time_wait_sockets
from support.waiting import wait_for

_LOOP_COUNTER = "timewait_outbound_time_wait_entered_total"
_ENTERED = "timewait_entered_total"
_POLLS = "timewait_exporter_polls_total"


@dataclasses.dataclass(frozen=True)
class Plan:
    """`expires`: at each rest all TIME_WAIT sockets expire, so that memory can be compared."""
    warm_up_seconds: float
    measured_seconds: float
    expires: bool


def plan_for(minutes):
    """The history of the exporter is ten minutes long: until then its memory has to grow."""
    warm_up = max(60 * minutes / 3, min(11 * 60, 60 * minutes / 2))
    return Plan(warm_up, 60 * minutes - warm_up, True)


SHORT = Plan(25, 25, False)


def _under_load(site, all_faults, seconds, record, directory):
    """Everything at once, for so long."""
    with contextlib.ExitStack() as loads:
        def start(work, *arguments, **options):
            return loads.enter_context(Worker(work, *arguments, **options))

        names = {name: loads.enter_context(open(sites.NAMES / name, "rb")) for name in ("app", "far")}
        clients = [start(honest.ask, soaked, directory) for soaked in site.soaked]
        on_the_host = start(churn.run, churn.ON_THE_HOST)
        start(churn.run, churn.INSIDE, namespace=names["app"])
        start(churn.run, churn.FROM_AFAR, namespace=names["far"])
        attacks = start(hostile.attack, *site.soaked)
        begin = time.time()
        with open(directory / "faults.jsonl", "a", encoding="utf-8") as file:
            for fault in all_faults.play_until(begin + seconds):
                record["faults"].append(fault)
                print(json.dumps(fault), file=file, flush=True)
        end = time.time()
    for soaked, worker in zip(site.soaked, clients):
        record["exporters"][soaked.name]["clients"] += worker.result
    record["hostile"].append(attacks.result)
    record["loop_closed"] += on_the_host.result["loop_closed"]
    record["connections"] += on_the_host.result["opened"]
    record["load_seconds"] += end - begin
    return begin, end


def _rest(site, expires):
    """The load is gone: {exporter: usage} when all is as in the beginning."""
    site.configure_first()
    for soaked in site.soaked:
        soaked.signal()
    if expires:
        wait_for(lambda: _time_wait_everywhere() == 0, timeout=150, pause=1)
    before, after = {}, _take(site)
    while any(before.get(name, {}).get(what) != now[what] for name, now in after.items()
              for what in ("descriptors", "threads")):
        before = after
        time.sleep(20)  # longer than a client may stall, the limit of all that lasts
        after = _take(site)
    return after


def _take(site):
    return {soaked.name: usage.take(soaked.pid) for soaked in site.soaked}


def _time_wait_everywhere():
    """Scrapes of ours close last, so none of these is made while this waits."""
    counts = [time_wait_sockets()]
    for name in ("app", "far"):
        with sites.in_namespace(name):
            counts.append(time_wait_sockets())
    return sum(counts)


def _counted(soaked):
    return soaked.scrape().get(_LOOP_COUNTER, peer="loop") or 0


def _kernel_counter(soaked):
    """What the exporter says, between what the kernel had before and what it had afterwards: our own scrapes count."""
    before, polls = sites.kernel_time_wait_entered(), soaked.scrape().get(_POLLS)
    said = wait_for(lambda: (lambda e: e.get(_ENTERED) if e.get(_POLLS) >= polls + 2 else None)(soaked.scrape()))
    return {"before": before, "said": said, "after": sites.kernel_time_wait_entered()}


def run(plan, directory):
    """The record that soak.criteria judges."""
    record = {"faults": [], "hostile": [], "loop_closed": 0, "connections": 0, "load_seconds": 0,
              "expires": plan.expires, "exporters": {}}
    with sites.Site(directory) as site:
        for soaked in site.soaked:
            record["exporters"][soaked.name] = {"name": soaked.name, "namespaces": soaked.namespaces, "clients": [],
                                                "fresh": usage.take(soaked.pid)}
        all_faults = faults.Faults(site)
        with usage.Usage(site.soaked, directory) as watched:
            _under_load(site, all_faults, plan.warm_up_seconds, record, directory)
            rested = _rest(site, plan.expires)
            measured = _under_load(site, all_faults, plan.measured_seconds, record, directory)
            record["measured_from"], record["measured_to"] = measured
            end = _rest(site, plan.expires)
            record["loop_counted"] = _counted(site.plain)
        for soaked in site.soaked:
            record["exporters"][soaked.name] |= {
                "rested": rested[soaked.name], "end": end[soaked.name], "samples": watched.samples[soaked.name],
                "delays": watched.delays[soaked.name], "entered": _kernel_counter(soaked),
                "log_errors": len(soaked.log.errors()), "log_lines": len(soaked.log.lines), "exit_code": soaked.stop()}
    return record


