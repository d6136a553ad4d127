"""The lab's machines: network namespaces, and a router between them, which is the namespace of the lab itself."""

import os
import subprocess

from lab import distance
from support import netns

API_DISTANCE = 0.005  # seconds, one way


def _ip(*arguments):
    subprocess.run(["ip", *map(str, arguments)], check=True, timeout=20)


def _lay_cable(end, other, namespace):
    """From the caller's namespace to the other."""
    _ip("link", "add", end, "type", "veth", "peer", "name", other,
        "netns", f"/proc/{os.getpid()}/fd/{namespace.fileno()}")


class Machine:
    """A network namespace with one cable, to the caller's. It lasts as long as this object or a process in it.

    `away`: seconds to it, if it is far.
    """

    def __init__(self, name, address, away=0):
        self.address = address
        gateway = address.rsplit(".", 1)[0] + ".1"
        with netns.own() as router:
            netns.enter_fresh()
            self._namespace = netns.own()
            netns.enter(router)
            if away:
                self._lay_long_cable(name, router, away)
            else:
                _lay_cable(name, "eth0", self._namespace)
        _ip("address", "add", f"{gateway}/24", "dev", name)
        _ip("link", "set", name, "up")
        with self.entered():
            _ip("address", "add", f"{address}/24", "dev", "eth0")
            _ip("link", "set", "eth0", "up")
            _ip("route", "add", "default", "via", gateway)

    def _lay_long_cable(self, name, router, seconds):
        """Two, and somebody who carries what comes through one to the other."""
        near, far = f"{name}-near", f"{name}-far"
        _lay_cable(name, near, router)
        _lay_cable(far, "eth0", self._namespace)
        for end in (near, far):
            _ip("link", "set", end, "up")
        distance.complete_checksums(name)
        with self.entered():
            distance.complete_checksums("eth0")
        distance.join(near, far, seconds)

    def entered(self):
        """A context in which what the calling thread starts runs on this machine."""
        return netns.entered(self._namespace)

    def sysctl(self, name, value):
        with self.entered():
            netns.sysctl(name, value)


class Network:
    """All machines. The caller moves into a fresh namespace, from which all of them can be reached."""

    def __init__(self):
        netns.enter_fresh()
        netns.sysctl("ipv4.ip_forward", 1)
        self.users = Machine("users", "198.51.100.10")
        self.host = Machine("host", "10.0.1.10")
        self.database = Machine("database", "10.0.2.10")
        self.api = Machine("api", "203.0.113.10", API_DISTANCE)
