"""Peers by host name: a real DNS server changes its answer under load."""

import os
import time

import pytest

from support import exporter, netns, timewait
from support.exporter import Daemon
from support.name_server import HOST, TTL, NameServer
from support.sandbox import replace_file
from support.sockets import client_time_wait, established, listen
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

PORT = 5432
OLD, NEW = "127.0.0.11", "127.0.0.12"


@pytest.fixture(name="name_server")
def _name_server(tmp_path):
    with NameServer(tmp_path, OLD) as server:
        yield server


@pytest.fixture(name="configuration")
def _configuration(tmp_path):
    file = tmp_path / "timewait.yml"
    file.write_text(f"poll: {{interval: 200ms}}\npeers:\n  - name: db\n    match: [{{host: {HOST}, port: {PORT}}}]\n")
    return f"--config.file={file}"


COUNTER = "timewait_outbound_time_wait_entered_total"


def state_of_db(exposition, state="established"):
    return exposition.get("timewait_outbound_sockets", peer="db", state=state)


def unnamed(exposition):
    """Peers at the database's port that are not called by its name."""
    return [peer for peer in exposition.label_values("timewait_outbound_sockets", "peer")
            if peer.endswith(f":{PORT}")]


class Load:
    """A connection a poll, opened and closed; and some that stay open."""

    def __init__(self, daemon, listener, keep):
        self._daemon, self._listener, self._keep = daemon, listener, keep
        self._closed = 0
        self._counter = daemon.scrape().get(COUNTER, peer="db")

    def hold(self, count, address):
        for _ in range(count):
            self._keep(*established(self._listener, address))

    def go_on(self, address, seconds, held):
        """Connects to the address; at each moment the peer is there, under its name, and whole."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            client_time_wait(self._listener, 1, address)
            self._closed += 1
            exposition = self._daemon.scrape_after_poll()
            assert state_of_db(exposition) == held
            assert state_of_db(exposition, "time_wait") == self._closed
            assert self._counter <= exposition.get(COUNTER, peer="db") == self._closed
            assert unnamed(exposition) == []
            self._counter = exposition.get(COUNTER, peer="db")


def test_a_failover_under_load(name_server, configuration, keep):
    listener = keep(listen("0.0.0.0", PORT))
    with Daemon(configuration, preexec_fn=name_server.in_use) as daemon:
        load = Load(daemon, listener, keep)
        load.hold(3, OLD)
        load.go_on(OLD, 2, held=3)
        name_server.answer(NEW)
        name_server.reload()
        load.go_on(OLD, TTL + 2, held=3)  # gone from the answer, and in use
        load.hold(2, NEW)
        load.go_on(NEW, 2, held=5)
        exposition = daemon.scrape()
        assert exposition.get("timewait_exporter_host_resolved", host=HOST) == 1
        assert exposition.get("timewait_exporter_host_addresses", host=HOST) == 1
        _, log = daemon.stop()
    resolved = [line for line in log.splitlines() if 'msg="host name resolved"' in line]
    assert [OLD in line for line in resolved] == [True, False]
    assert [NEW in line for line in resolved] == [False, True]


def test_a_name_that_fails_keeps_its_addresses(name_server, configuration, keep):
    listener = keep(listen("0.0.0.0", PORT))
    with Daemon(configuration, preexec_fn=name_server.in_use) as daemon:
        name_server.stop()
        failed = wait_for(lambda: (lambda e: e if e.get("timewait_exporter_host_resolved", host=HOST) == 0
                                   else None)(daemon.scrape()), timeout=30)
        assert failed.get("timewait_exporter_host_addresses", host=HOST) == 1
        keep(*established(listener, OLD))
        exposition = daemon.scrape_after_poll()
        assert state_of_db(exposition) == 1
        assert unnamed(exposition) == []
        assert exposition.get("timewait_exporter_poll_success") == 1
        _, log = daemon.stop()
    assert log.count("host name not resolved") == 1


def test_an_unknown_name_is_a_peer_without_sockets(configuration, tmp_path):
    """No server at all: polls go on, and the peer shows full headroom."""
    nowhere = tmp_path / "resolv.conf"
    nowhere.write_text("nameserver 127.0.0.1\noptions attempts:1 timeout:1\n")
    with Daemon(configuration, preexec_fn=lambda: replace_file("/etc/resolv.conf", nowhere)) as daemon:
        exposition = daemon.scrape_after_poll()
        assert exposition.get("timewait_exporter_host_resolved", host=HOST) == 0
        assert exposition.get("timewait_outbound_port_effective_headroom_ratio", peer="db") == 1


def test_one_poll_waits_for_the_name(name_server, configuration, keep):
    listener = keep(listen("0.0.0.0", PORT))
    keep(*established(listener, OLD))
    exposition = exporter.poll_once(configuration, log="host name resolved", preexec_fn=name_server.in_use)
    assert state_of_db(exposition) == 1
    assert unnamed(exposition) == []


def test_timewait_asks_from_where_its_user_is(configuration, name_server, keep):
    """In the network namespace that it looks into, nobody answers."""
    with netns.own() as here:
        netns.enter_fresh()
        other = keep(netns.own())
        keep(*established(keep(listen(OLD, PORT))))
        netns.enter(here)
    state = timewait.read_snapshot(configuration, f"--netns=/proc/{os.getpid()}/fd/{other.fileno()}",
                                   preexec_fn=name_server.in_use)
    assert state["hosts"] == [{"name": HOST, "resolved": True, "addresses": 1}]
    (db,) = state["namespaces"][0]["peers"]
    assert (db["name"], db["sockets"]["established"]) == ("db", 1)
