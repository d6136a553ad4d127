"""Clients that mean harm, one kind after the other, without end."""

import contextlib
import itertools
import os
import random
import socket
import ssl
import struct
import threading

from support import web_config
from support.http_client import ask, connect
from support.load import allow_many_files

GET = b"GET /metrics HTTP/1.1\r\nHost: soak\r\n"
_FLOOD = 700  # beyond the 512 that may be open at once
_TIMEOUT_SECONDS = 2
_DRAIN_SECONDS = 0.2


class _Attacker:
    def __init__(self, stop, soaked):
        self._stop, self._soaked, self._tls = stop, soaked, soaked.daemon.tls
        self.breaches = []

    def _connect(self, small_buffer=False):
        connection = socket.socket()
        if small_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.settimeout(_TIMEOUT_SECONDS)
        connection.connect((self._soaked.daemon.host, self._soaked.daemon.port))
        return connection

    def _speak(self, connection):
        """Through TLS, where the exporter has it."""
        return self._tls.wrap_socket(connection, server_hostname="localhost") if self._tls else connection

    @contextlib.contextmanager
    def _many(self, count, pause=0.002, **options):
        """So many connections, opened at a pace; closed in the end."""
        with contextlib.ExitStack() as held:
            connections = []
            for _ in range(count):
                if self._stop.wait(pause):
                    break
                connections.append(held.enter_context(self._connect(**options)))
            yield connections

    @staticmethod
    def _send(connection, data):
        """False if the other side has had enough."""
        try:
            connection.sendall(data)
            return True
        except OSError:
            return False

    @staticmethod
    def _drain(connection):
        """Reads what comes without a pause."""
        connection.settimeout(_DRAIN_SECONDS)
        with contextlib.suppress(OSError):
            while connection.recv(65536):
                pass

    def slow_headers(self):
        with self._many(50) as slow:
            for byte in GET[:25]:
                for each in slow:
                    self._send(each, bytes([byte]))
                self._stop.wait(0.1)

    def half_open_handshakes(self):
        hello = ssl.MemoryBIO()
        client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), hello, server_hostname="localhost")
        with contextlib.suppress(ssl.SSLWantReadError):
            client.do_handshake()
        first_message = hello.read()
        with self._many(60) as slow:
            for number, each in enumerate(slow):
                self._send(each, first_message[:len(first_message) if number % 2 else 20])
            self._stop.wait(2)

    def garbage(self):
        for _ in range(30):
            with self._connect() as connection:
                self._send(connection, random.choice([b"", GET]) + os.urandom(random.randrange(1, 5000)))
                connection.shutdown(socket.SHUT_WR)
                self._drain(connection)

    def huge_requests(self):
        for request in (b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n", GET + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n",
                        GET + b"X: y\r\n" * 100_000 + b"\r\n", GET + b"Content-Length: 99999999999999999999\r\n\r\n",
                        GET + b"Transfer-Encoding: chunked\r\n\r\n" + b"fffffff\r\n" + b"a" * 500_000,
                        b"POST /-/reload HTTP/1.1\r\nHost: soak\r\nContent-Length: 1000000\r\n\r\n" + b"a" * 1_000_000):
            with contextlib.suppress(OSError), self._speak(self._connect()) as connection:
                if self._send(connection, request):
                    self._drain(connection)

    def answers_never_read(self):
        with self._many(100, small_buffer=True) as greedy:
            for each in greedy:
                self._send(each, (GET + b"\r\n") * 50)
            self._stop.wait(3)

    def flood(self):
        with self._many(_FLOOD):
            self._stop.wait(2)

    def brief_connections(self):
        for _ in range(300):
            if self._stop.wait(0.002):
                return
            self._connect().close()

    def resets(self):
        """In the middle of a request, or of its answer."""
        for number in range(100):
            with self._connect() as connection:
                self._send(connection, GET + (b"\r\n" if number % 2 else b"Ho"))
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def wrong_passwords(self):
        if not self._tls:
            return
        for _ in range(20):
            if self._stop.is_set():
                return
            connection = connect(self._soaked.daemon.host, self._soaked.daemon.port, self._tls)
            status = 0
            with contextlib.suppress(OSError):
                status, _, _ = ask(connection, "/metrics", "GET", web_config.basic("prometheus", str(random.random())))
            if status not in (0, 401, 503):
                self.breaches.append(f"{status} for a wrong password")

    def leavers(self):
        """They are gone before their answer is."""
        for _ in range(100):
            if self._stop.wait(0.002):
                return
            with contextlib.suppress(OSError), self._speak(self._connect()) as connection:
                self._send(connection, (GET + b"\r\n") * random.randrange(1, 20))


KINDS = ["slow_headers", "half_open_handshakes", "garbage", "huge_requests", "answers_never_read", "flood",
         "brief_connections", "resets", "wrong_passwords", "leavers"]


def _attack_again_and_again(stop, attacker, counts):
    for kind in itertools.cycle(KINDS):
        if stop.is_set():
            return
        with contextlib.suppress(OSError):  # who means harm does not mind being cut off
            getattr(attacker, kind)()
        counts[kind] += 1


def attack(stop, *all_soaked):
    """For a worker: {"attacks": {kind: count}, "breaches": [...]}."""
    allow_many_files()
    attackers = [_Attacker(stop, soaked) for soaked in all_soaked]
    counts = dict.fromkeys(KINDS, 0)
    threads = [threading.Thread(target=_attack_again_and_again, args=(stop, each, counts)) for each in attackers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"attacks": counts, "breaches": [breach for each in attackers for breach in each.breaches]}
