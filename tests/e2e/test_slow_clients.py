"""A thousand clients that only hold connections open, beside one that scrapes, all from one address."""

import contextlib
import os
import re
import resource
import select
import socket
import ssl
import subprocess
import threading
import time

import pytest

from support import web_config
from support.certificates import Authority
from support.exporter import Daemon
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

CLIENTS = 1000
SCRAPES = 10  # one a second
SLOWEST_SECONDS = 1.0  # of a scrape; Prometheus would wait ten
MEMORY_KB = 40 * 1024
SANITIZED = bool(os.environ.get("TIMEWAIT_SANITIZE"))


@pytest.fixture(autouse=True)
def enough_descriptors():
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(limit[0], min(limit[1], 4096)), limit[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limit)


def peak_memory_kb(daemon):
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s*(\d+) kB", status.read())[1])


def scrape_each_second(daemon):
    """How long each took, in seconds; each on a connection of its own, which is the harder way."""
    took = []
    for _ in range(SCRAPES):
        begin = time.monotonic()
        daemon.scrape()
        took.append(time.monotonic() - begin)
        time.sleep(max(0.0, begin + 1 - time.monotonic()))  # the pace of a scraper
    return took


def expect_service(daemon):
    took = scrape_each_second(daemon)
    print(f"slowest scrape {max(took) * 1000:.0f} ms, peak memory {peak_memory_kb(daemon)} kB")
    assert max(took) < SLOWEST_SECONDS
    assert SANITIZED or peak_memory_kb(daemon) < MEMORY_KB


class SlowHttpTest:
    """Debian's slowhttptest at work; `mode`: its flags."""

    def __init__(self, daemon, *mode):
        self._process = subprocess.Popen(
            ["slowhttptest", *mode, "-c", str(CLIENTS), "-r", "500", "-i", "5", "-l", str(SCRAPES + 3), "-p", "10",
             "-u", f"http://{daemon.host}:{daemon.port}/metrics"], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self._said = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self._said += re.sub(r"\x1b\[[0-9;]*m", "", line)

    def attempted(self):
        """Connections that it has opened, or tried to, so far."""
        counts = re.findall(r"(?:connected|error|closed|initializing|pending):\s+(\d+)", self._said)
        return sum(map(int, counts[-5:]))

    def __enter__(self):
        wait_for(lambda: self.attempted() >= CLIENTS, timeout=30)
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(timeout=20)
        self._reader.join()


@pytest.mark.parametrize("mode", [["-H"], ["-B", "-t", "GET"]], ids=["headers", "body"])  # a POST is refused at its head
def test_slowly_sent(mode):
    with Daemon() as daemon, SlowHttpTest(daemon, *mode):
        expect_service(daemon)


def test_silent(keep):
    with Daemon() as daemon:
        for _ in range(CLIENTS):
            keep(socket.create_connection((daemon.host, daemon.port)))
        expect_service(daemon)


def test_handshakes_that_never_end(keep, tmp_path):
    """Half of them say nothing, half stop after their first message."""
    authority = Authority(tmp_path)
    file = web_config.write(tmp_path / "web.yml", tls_server_config=web_config.tls(*authority.issue("server")))
    hello, client = ssl.MemoryBIO(), authority.trusted_by()
    with pytest.raises(ssl.SSLWantReadError):
        client.wrap_bio(ssl.MemoryBIO(), hello, server_hostname="localhost").do_handshake()
    first_message = hello.read()
    with Daemon(f"--web.config.file={file}", tls=client) as daemon:
        for number in range(CLIENTS):
            slow = keep(socket.create_connection((daemon.host, daemon.port)))
            if number % 2:
                slow.sendall(first_message)
        expect_service(daemon)


def test_answers_that_nobody_reads(keep, tmp_path):
    """Each asks for a rendering of its own, since they come further apart than one serves."""
    config = tmp_path / "timewait.yml"
    config.write_text("peers:\n" + "".join(
        f"  - {{name: peer-{number}, match: [{{address: 10.0.0.1, port: {number}}}]}}\n" for number in range(1, 1001)))
    with Daemon(f"--config.file={config}") as daemon:
        for _ in range(100):
            greedy = keep(socket.socket())
            greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            greedy.connect((daemon.host, daemon.port))
            greedy.sendall(b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
            time.sleep(0.11)
        daemon.scrape()
        assert SANITIZED or peak_memory_kb(daemon) < MEMORY_KB, peak_memory_kb(daemon)


def test_clients_that_leave_in_the_middle_of_a_request():
    """The end of the connection may come with the last bytes, and is not noticed then; the stall is, after 15 s."""
    def descriptors(daemon):
        return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))

    with Daemon() as daemon:
        before = descriptors(daemon)
        for _ in range(50):
            with socket.create_connection((daemon.host, daemon.port)) as leaves:
                leaves.sendall(b"GET /metrics HTTP/1.1\r\nHo")
        wait_for(lambda: descriptors(daemon) <= before, timeout=30)


def test_want_of_descriptors_is_forgotten_when_it_is_over():
    """Also where the only connection is one that is kept: libmicrohttpd accepts again when one of its own has ended."""
    def ask(connection):
        connection.request("GET", "/-/healthy")
        response = connection.getresponse()
        assert response.read() == b"Healthy.\n"

    with Daemon() as daemon, contextlib.closing(daemon.connection()) as kept:
        ask(kept)
        before = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (0, before[1]))
        with contextlib.closing(daemon.connection()) as waits:
            waits.connect()
            ask(kept)  # by the same thread, after it has failed to accept
            resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, before)
            waits.request("GET", "/-/healthy")
            answered = select.poll()
            answered.register(waits.sock, select.POLLIN)
            wait_for(lambda: ask(kept) or answered.poll(0), pause=0.2)
            assert waits.getresponse().read() == b"Healthy.\n"
