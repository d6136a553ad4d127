"""Connections that are opened and closed all the time, and what they must come to in the exporter's counters."""

import heapq
import itertools
import random
import socket
import time

from soak.services import CLIENT_FIRST, SERVER_FIRST, SERVER_LATE
from support.load import allow_many_files
from support.sockets import connect, listen

LOOP_PORT, DATABASE_PORT, CROWD_PORT, WEB_PORT, CLOSED_PORT = 8080, 5432, 443, 80, 9
CROWD = "198.18.{}.{}"  # 65,536 addresses
DATABASE = "198.18.0.1"
HOST = "198.19.0.1"
_TICK_SECONDS = 0.02
_LONG_SECONDS = 20


def _random_address():
    return CROWD.format(random.randrange(256), random.randrange(1, 255))


class _Clients:
    def __init__(self):
        self._open, self._numbers = [], itertools.count()
        self.opened = 0
        self.loop_closed = 0  # connections of the peer "loop" that this side closed first

    def _begin(self, address, port, order, held, source=None, counted=False):
        """Opens one to be closed after so many seconds; `counted`: in loop_closed."""
        connection = connect(address, port, source)
        connection.sendall(order)
        self.opened += 1
        heapq.heappush(self._open, (time.monotonic() + held, next(self._numbers), connection, order, counted))

    def loop(self):
        address = random.choice(["127.0.0.1", "::1", "::ffff:127.0.0.1"])
        self._begin(address, LOOP_PORT, CLIENT_FIRST, random.random(), counted=True)

    def loop_closed_by_server(self):
        self._begin("127.0.0.1", LOOP_PORT, SERVER_FIRST, 2 * random.random())

    def crowd(self):
        mapped = random.choice(["", "::ffff:"])
        self._begin(mapped + _random_address(), CROWD_PORT, CLIENT_FIRST, random.random())

    def database(self):
        self._begin(DATABASE, DATABASE_PORT, random.choice([CLIENT_FIRST, SERVER_LATE]), random.random())

    def database_that_closes(self):
        self._begin(DATABASE, DATABASE_PORT, SERVER_FIRST, 3 * random.random())

    def database_that_stays(self):
        self._begin(DATABASE, DATABASE_PORT, CLIENT_FIRST, _LONG_SECONDS)

    def visitor(self):
        """From the other end of the cable, each from an address of its own."""
        self._begin(HOST, WEB_PORT, random.choice([CLIENT_FIRST, SERVER_FIRST]), random.random(), _random_address())

    def refused(self):
        try:
            connect("127.0.0.1", CLOSED_PORT)
        except ConnectionRefusedError:
            return
        raise AssertionError("somebody listens there")

    def short_lived_listener(self):
        with listen() as listener:
            address, port = listener.getsockname()
            for _ in range(3):
                with connect(address, port), listener.accept()[0]:
                    pass

    def close_due(self, now):
        while self._open and self._open[0][0] <= now:
            _, _, connection, order, counted = heapq.heappop(self._open)
            if order == SERVER_FIRST:
                connection.recv(1)  # its FIN, which may be late on a busy machine
            connection.close()
            self.loop_closed += counted


ON_THE_HOST = {"loop": 20, "loop_closed_by_server": 5, "crowd": 25, "database": 5, "database_that_closes": 2,
               "database_that_stays": 1, "refused": 2, "short_lived_listener": 1}  # a second
INSIDE = {"loop": 5, "loop_closed_by_server": 5}
FROM_AFAR = {"visitor": 10}


def run(stop, rates):
    """For a worker: {"opened", "loop_closed"}."""
    allow_many_files()
    clients = _Clients()
    due = dict.fromkeys(rates, 0.0)
    last = time.monotonic()
    while not stop.is_set():
        now = time.monotonic()
        for kind, rate in rates.items():
            due[kind] = min(due[kind] + rate * (now - last), rate)  # what is more than a second late is left out
            while due[kind] >= 1:
                due[kind] -= 1
                getattr(clients, kind)()
        last = now
        clients.close_due(now)
        time.sleep(_TICK_SECONDS)  # the pace of the churn
    clients.close_due(float("inf"))
    return {"opened": clients.opened, "loop_closed": clients.loop_closed}


def listeners(*endpoints):
    """Open sockets for services.serve(): one for IPv4 and, where it says "::", IPv6 alone."""
    return [listen(address, port, v6only=True if socket.has_ipv6 and ":" in address else None)
            for address, port in endpoints]
