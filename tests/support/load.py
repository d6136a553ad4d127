"""Connections at a rate for as long as a picture takes, and what they connect to: at the other end of a cable."""

import heapq
import itertools
import resource
import selectors
import subprocess
import time

from support.sockets import connect, listen


def allow_many_files():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def lay_cable(other, host, addresses):
    """Between the caller's network namespace, which gets `host`, and that of the process `other`."""
    inside = ["nsenter", f"--net=/proc/{other.pid}/ns/net"]
    _ip([], "link", "add", "wire0", "type", "veth", "peer", "name", "wire1", "netns", str(other.pid))
    for where, device, own in (([], "wire0", [host]), (inside, "wire1", addresses)):
        for address in own:
            _ip(where, "address", "add", f"{address}/24", "dev", device)
        _ip(where, "link", "set", device, "up")


def _ip(where, *arguments):
    subprocess.run([*where, "ip", *arguments], check=True)


class Echoless:
    """Accepts on every address and closes when the other side has closed."""

    def __init__(self, addresses):
        self._selector = selectors.DefaultSelector()
        for address, port in addresses:
            self._selector.register(listen(address, port), selectors.EVENT_READ, self._accept)

    def _accept(self, listener):
        self._selector.register(listener.accept()[0], selectors.EVENT_READ, self._end)

    def _end(self, connection):
        if not connection.recv(1):
            self._selector.unregister(connection)
            connection.close()

    def go_on(self, timeout):
        for key, _ in self._selector.select(timeout):
            key.data(key.fileobj)


class Clients:
    """Opens connections at a rate and closes them after some time, if ever."""

    def __init__(self, remote, rate, held=0.1):
        self._remote, self._rate, self._held = remote, rate, held
        self._due, self._last, self._open, self._numbers = 0.0, 0.0, [], itertools.count()

    def go_on_until(self, now):
        self._due += self._rate(now) * (now - self._last)
        self._last = now
        while self._due >= 1:
            self._due -= 1
            heapq.heappush(self._open, (now + self._held, next(self._numbers), connect(*self._remote)))
        while self._open and self._open[0][0] <= now:
            heapq.heappop(self._open)[2].close()


def play(clients, server, goes_on):
    start = time.monotonic()
    while goes_on(now := time.monotonic() - start):
        for each in clients:
            each.go_on_until(now)
        server.go_on(0.02)


def burst(count):
    """A rate: so many in the first second, and no more."""
    return lambda now: count if now < 1 else 0
