"""What happens in the lab: the scenes, each in phases that are alike but for one setting, and how the users come."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Phase:
    name: str
    backend: str = "none"         # as application/Backends.java has it
    proxy_keeps: bool = True      # whether nginx keeps its connections to Tomcat
    tw_reuse: int = 2             # of the host; the kernel's default
    fails: bool = False           # whether the users are to see errors


@dataclasses.dataclass(frozen=True)
class Scene:
    name: str
    title: str
    peer: str                     # toward which ports run out; a name of exporter.yml
    phases: tuple


@dataclasses.dataclass(frozen=True)
class Load:
    """How the users come. Each asks about once a second."""
    ports: int                    # the host's ip_local_port_range has so many
    usual: int                    # users from the beginning
    steady: int                   # seconds until there come more
    every: float                  # seconds until the next one comes
    seconds: int                  # until all leave; where requests fail, they leave AFTERWARDS
    scrape_interval: str

    def users(self, at):
        return self.usual + max(0, int((at - self.steady) / self.every))


AFTERWARDS = 30  # seconds from the first failure on

SCENES = (
    Scene("nginx", "nginx keeps no connection to Tomcat", "tomcat", (
        Phase("default", proxy_keeps=False),
        Phase("broken", proxy_keeps=False, tw_reuse=0, fails=True),
        Phase("fixed", tw_reuse=0))),
    Scene("database", "A database connection for each request", "db", (
        Phase("broken", "connection-per-query", fails=True),
        Phase("fixed", "connection-pool"))),
    Scene("api", "A connection for each call of an API", "external-api", (
        Phase("broken", "connection-per-call", fails=True),
        Phase("fixed", "kept-connections"))),
)

# 2,000 ports sustain 2,000 / 60 s = 33 connections a second. The usual users need 72 % of it.
FULL = Load(ports=2000, usual=24, steady=60, every=24, seconds=420, scrape_interval="15s")
# The same within the time that a test has: 80 % of it, and then users come faster.
SHORT = Load(ports=2000, usual=27, steady=45, every=8, seconds=155, scrape_interval="5s")

LOADS = {"full": FULL, "short": SHORT}


def scene(name):
    return next(each for each in SCENES if each.name == name)
