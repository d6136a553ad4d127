"""Which tests bear on which room of src/, those first that are quick and know most of it."""

import dataclasses

FUZZED = {
    "analysis": ("analysis",),
    "config": ("config", "web_config"),
    "kernel": ("decoder", "dump", "procfs", "sysctls"),
    "web": ("http",),
}


@dataclasses.dataclass(frozen=True)
class Tests:
    units: tuple  # rooms whose unit tests are run
    black_box: tuple  # of CTest's


ROOMS = {
    "analysis": Tests(("analysis", "polling", "exposition", "diagnosis", "report", "daemon", "terminal", "scale"),
                      ("netns.counts", "netns.prediction", "e2e.snapshot", "netns.timewait_figures", "netns.forecast")),
    "base": Tests(("base", "kernel", "config", "web"), ("e2e.command_line", "e2e.daemon")),
    "config": Tests(("config", "tls", "polling"),
                    ("e2e.bad_config", "e2e.bad_web_config", "e2e.reload", "e2e.web_access", "e2e.daemon")),
    "daemon": Tests(("daemon",),
                    ("e2e.daemon", "e2e.command_line", "e2e.reload", "e2e.web_access", "e2e.lifecycle",
                     "e2e.systemd_socket", "e2e.healthcheck", "e2e.service_manager", "e2e.bad_web_config")),
    "diagnosis": Tests(("diagnosis", "report"), ("e2e.diagnosis_schema", "netns.diagnose", "e2e.timewait")),
    "exposition": Tests(("exposition", "polling", "scale"),
                        ("e2e.daemon", "e2e.snapshot", "e2e.prometheus", "netns.counts", "netns.namespaces")),
    "health": Tests((), ("e2e.healthcheck",)),
    "inet": Tests(("inet", "kernel", "analysis", "config", "web", "resolve", "tls"), ("netns.counts", "e2e.hosts")),
    "kernel": Tests(("kernel",),
                    ("netns.counts", "netns.procfs", "netns.counters", "netns.namespaces", "netns.audit",
                     "netns.prediction", "e2e.daemon")),
    "logging": Tests(("polling",), ("e2e.daemon", "e2e.reload", "e2e.hosts")),
    "page": Tests(("page",), ("e2e.page",)),
    "polling": Tests(("polling",),
                     ("e2e.daemon", "e2e.reload", "e2e.hosts", "netns.namespaces", "netns.audit", "e2e.snapshot")),
    "program": Tests(("terminal", "daemon"), ("e2e.command_line", "e2e.timewait_screen", "e2e.timewait")),
    "report": Tests(("report", "terminal"), ("e2e.timewait_screen", "netns.timewait_figures", "e2e.timewait")),
    "resolve": Tests(("resolve",), ("e2e.hosts",)),
    "terminal": Tests(("terminal",),
                      ("e2e.command_line", "e2e.timewait_screen", "e2e.top", "e2e.top_ends", "e2e.timewait",
                       "netns.timewait_figures")),
    "tls": Tests(("tls", "config"), ("e2e.bad_web_config", "e2e.web_access", "e2e.healthcheck")),
    "web": Tests(("web",), ("e2e.daemon", "e2e.web_access", "e2e.lifecycle", "e2e.systemd_socket", "e2e.slow_clients")),
}


@dataclasses.dataclass(frozen=True)
class Program:
    """One that finds something out by itself, without the exporter."""

    name: str  # of the target, and of the file in the build folder
    arguments: tuple = ()


def programs_for(room, project):
    """The unit tests and the replays of what fuzzers found: the room's own, and those of others that use it."""
    units = [Program(f"{each}_test") for each in ROOMS[room].units]
    replays = [Program(f"{each}_replay", (str(project / "tests/fuzz/corpus" / each),)) for each in FUZZED.get(room, ())]
    own = [each for each in units if each.name == f"{room}_test"]
    return own + replays, [each for each in units if each not in own]
