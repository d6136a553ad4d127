"""What the connections of the soak lead to. The client's first byte says who closes first."""

import heapq
import itertools
import selectors
import time

CLIENT_FIRST, SERVER_FIRST, SERVER_LATE = b"c", b"s", b"h"
LATE_SECONDS = 3  # in CLOSE_WAIT, the client in FIN_WAIT2


class _Services:
    def __init__(self, listeners):
        self._selector = selectors.DefaultSelector()
        self._late, self._numbers = [], itertools.count()
        for listener in listeners:
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ, self._accept)

    def _accept(self, listener):
        try:
            connection = listener.accept()[0]
        except OSError:  # it went away before it was accepted
            return
        connection.setblocking(False)
        self._selector.register(connection, selectors.EVENT_READ, self._first_byte)

    def _first_byte(self, connection):
        said = self._read(connection)
        if said in (SERVER_FIRST, b""):
            self._end(connection)
        else:
            self._selector.modify(connection, selectors.EVENT_READ, self._end if said == CLIENT_FIRST else self._end_late)

    def _end_late(self, connection):
        self._selector.unregister(connection)
        heapq.heappush(self._late, (time.monotonic() + LATE_SECONDS, next(self._numbers), connection))

    def _end(self, connection):
        self._selector.unregister(connection)
        self._read(connection)  # what is left unread would make it a reset
        connection.close()

    @staticmethod
    def _read(connection):
        try:
            return connection.recv(1)
        except OSError:
            return b""

    def go_on(self):
        for key, _ in self._selector.select(0.1):
            key.data(key.fileobj)
        while self._late and self._late[0][0] <= time.monotonic():
            heapq.heappop(self._late)[2].close()


def serve(stop, listeners):
    """For a worker."""
    services = _Services(listeners)
    while not stop.is_set():
        services.go_on()
