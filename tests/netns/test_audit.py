"""The audit finds the ports that bind() holds and no dump shows, and disturbs nobody.

A kernel before 6.3 cannot be asked. There the audit says so, finds none and changes nothing else.
"""

import contextlib
import errno
import signal
import socket
import threading

import pytest
from scenarios import CASES, SERVER_PORT, Setting, poll_once

from support import exporter, kernel_features, netns
from support.exporter import Daemon
from support.sandbox import forbid_local_port_range
from support.sockets import (client_time_wait, close_in_order, connect, established,
                             listen, ss)
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

HIDDEN = {}
AUDITS = kernel_features.can_be_asked_for_ports()


@pytest.fixture
def setting(tmp_path):
    with contextlib.closing(Setting(tmp_path)) as made:
        yield made


def hidden(function):
    """A scenario with ports that only the audit can find."""
    HIDDEN[function.__name__] = function
    return function


def bound_client(s, listener, source="127.0.0.1", port=0):
    """A connection whose client called bind() before connect(), as some libraries do."""
    client = s.keep(socket.socket(listener.family))
    client.bind((source, port))
    client.connect(listener.getsockname()[:2])
    return client, s.keep(listener.accept()[0])


@hidden
def clients_that_bind_first(s):
    listener = s.serve()
    for _ in range(30):
        bound_client(s, listener)
    s.hold(listener, 20)


@hidden
def clients_that_bind_first_to_another_destination(s):
    s.hold(s.serve(), 20)
    elsewhere = s.keep(listen("127.0.0.2", 9000))
    for _ in range(30):
        bound_client(s, elsewhere)


@hidden
def clients_that_bind_first_from_several_addresses(s):
    listener = s.serve()
    for number in range(3):
        for _ in range(10):
            bound_client(s, listener, source=f"127.0.1.{number}")


@hidden
def ipv6_clients_that_bind_first(s):
    s.hold(s.serve(), 5)
    elsewhere = s.keep(listen("::1", 9000))
    for _ in range(25):
        bound_client(s, elsewhere, source="::1")


@hidden
def a_client_on_a_port_of_its_choice(s):
    listener = s.serve()
    for port in (40007, 40008, 40399):
        bound_client(s, listener, port=port)


@hidden
def time_wait_of_clients_that_bind_first(s):
    listener = s.serve()
    for _ in range(20):
        close_in_order(*bound_client(s, listener))
    client_time_wait(listener, 15)


@hidden
def what_is_left_of_a_closed_listener(s):
    s.serve()
    closed = [listen("127.0.0.1", port) for port in range(40010, 40015)]
    for listener in closed:
        for _ in range(3):
            client, server = established(listener)
            s.keep(client), s.keep(server)
    for listener in closed:
        listener.close()


@hidden
def what_is_left_of_closed_reuse_port_listeners(s):
    s.serve()
    group = [listen("127.0.0.1", 40010, reuse_port=True) for _ in range(3)]
    for _ in range(9):
        s.keep(connect("127.0.0.1", 40010))
    accepted = 0
    for listener in group:
        listener.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                s.keep(listener.accept()[0])
                accepted += 1
        listener.close()
    assert accepted == 9


@hidden
def several_sources_that_leave_the_port_to_connect(s):
    listener = s.serve()
    for number in range(4):
        s.source = f"127.0.1.{number}"
        s.hold(listener, 10 * (number + 1))  # IP_BIND_ADDRESS_NO_PORT: these hold nothing
    for _ in range(5):
        bound_client(s, listener, source="127.0.2.1")


@hidden
def bound_clients_beside_reserved_ports(s):
    netns.sysctl("ipv4.ip_local_reserved_ports", "40000-40099")
    listener = s.serve()
    for _ in range(20):
        bound_client(s, listener)
    s.hold(listener, 10)


@pytest.mark.parametrize("name", CASES, ids=str)
def test_prediction_is_what_the_kernel_allows(name, setting):
    CASES[name](setting)
    setting.check_prediction(setting.predict(audit=True))


@pytest.mark.parametrize("name", HIDDEN, ids=str)
def test_prediction_knows_of_hidden_ports(name, setting):
    HIDDEN[name](setting)
    without, predicted, allowed = setting.predict(), setting.predict(audit=True), setting.ask_kernel()
    assert predicted == (allowed if AUDITS else without)
    assert without >= allowed


def test_without_it_ports_bound_toward_others_are_missed(setting):
    clients_that_bind_first_to_another_destination(setting)
    without = setting.predict()
    assert setting.predict(audit=True) == without - (30 if AUDITS else 0)
    assert setting.ask_kernel() == without - 30


def bind_many(count, destination):
    """Clients that bound first, each followed by its server's end."""
    sockets = []
    for _ in range(count):
        client = socket.socket()
        client.bind(("127.0.0.1", 0))
        client.connect(destination.getsockname())
        sockets += [client, destination.accept()[0]]
    return sockets


def test_a_full_default_range_with_500_bound(keep, tmp_path):
    config = tmp_path / "config.yml"
    config.write_text("headroom: {audit: true}")
    netns.sysctl("ipv4.tcp_max_tw_buckets", 100_000)  # by default 8,192 where there are 2 GiB
    sockets = bind_many(500, keep(listen("127.0.0.2", 9000)))
    keep(*sockets)
    bound = {client.getsockname()[1] for client in sockets[::2]}
    service = keep(listen("127.0.0.1", 8080))
    for port in set(range(32768, 61000)) - bound:
        # connect() may choose this one port only, which is quicker than to let it search a full range.
        netns.sysctl("ipv4.ip_local_port_range", f"{port} {port}")
        time_wait(service)
    netns.sysctl("ipv4.ip_local_port_range", "32768 60999")
    exposition = poll_once(config, audit=True)
    found = 500 if AUDITS else 0
    assert exposition.get("timewait_exporter_audit_success") == int(AUDITS)
    assert exposition.get("timewait_exporter_audit_probes_total") == (28232 if AUDITS else 0)
    assert exposition.get("timewait_ephemeral_ports_bound") == found
    assert exposition.get("timewait_outbound_ports_capacity", peer="127.0.0.1:8080") == 28232 - found
    assert exposition.get("timewait_outbound_ports_used", peer="127.0.0.1:8080") == 28232 - 500


def time_wait(listener):
    client = socket.socket()
    client.connect(listener.getsockname())
    server = listener.accept()[0]
    client.close()
    server.close()


def test_it_leaves_no_socket_behind(setting):
    clients_that_bind_first_to_another_destination(setting)
    before = sorted(ss())
    exposition = setting.poll(audit=True)
    assert exposition.get("timewait_exporter_audit_probes_total") == (50 if AUDITS else 0)
    assert sorted(ss()) == before
    assert exposition.get("timewait_exporter_poll_sockets") == len(before)
    assert exposition.get("timewait_sockets") == 0


def test_a_client_in_a_tight_loop_notices_nothing(setting, tmp_path):
    """The range is nearly used up, so that a port taken at the wrong moment would make a failure."""
    netns.sysctl("ipv4.ip_local_port_range", "40000 40049")
    config = tmp_path / "audit.yml"
    config.write_text("poll: {interval: 100ms}\nheadroom: {audit: true, audit_interval: 1s}\n")
    listener = setting.serve()
    setting.hold(listener, 49)  # one port is left
    failures, rounds, done = [], [0], threading.Event()

    def connect_again_and_again():
        while not done.is_set():
            rounds[0] += 1
            try:
                client = connect("127.0.0.1", SERVER_PORT)
            except OSError as error:
                failures.append(errno.errorcode[error.errno])
                continue
            listener.accept()[0].close()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()

    client = threading.Thread(target=connect_again_and_again, daemon=True)
    with Daemon(f"--config.file={config}", listen="127.0.0.1:9100") as daemon:
        client.start()
        try:
            wait_for(lambda: _asked_often(daemon.scrape()), timeout=60, pause=2)  # a scrape takes a port too
        finally:
            done.set()
            client.join()
    assert rounds[0] > 1000
    assert failures == []


def _asked_often(scrape):
    if not AUDITS:
        return scrape.get("timewait_exporter_audit_success") == 0 and scrape.get("timewait_exporter_polls_total") > 40
    return (scrape.get("timewait_exporter_audit_probes_total") or 0) > 200


def test_the_daemon_follows_what_is_bound_and_released(setting, tmp_path):
    config = tmp_path / "audit.yml"
    config.write_text("poll: {interval: 100ms}\nheadroom: {audit: true, audit_interval: 1s}\n")
    elsewhere = setting.keep(listen("127.0.0.2", 9000))
    with Daemon(f"--config.file={config}", listen="127.0.0.1:9100") as daemon:
        def bound():
            return daemon.scrape().get("timewait_ephemeral_ports_bound")
        assert bound() == 0
        sockets = bind_many(25, elsewhere)
        if not AUDITS:
            wait_for(lambda: daemon.scrape().get("timewait_exporter_audit_success") == 0)
            assert daemon.scrape_after_poll().get("timewait_ephemeral_ports_bound") == 0
            return
        wait_for(lambda: bound() == 25)
        kept = sockets[:20]
        ports = [client.getsockname()[1] for client in kept[::2]]
        reset(sockets[20:])
        wait_for(lambda: bound() == 10)
        # From one poll to the next connect() has got ports that bind() has held: at no poll nobody uses them.
        daemon.process.send_signal(signal.SIGSTOP)
        reset(kept)
        usual = netns.sysctl("ipv4.ip_local_port_range")
        for port in ports:
            netns.sysctl("ipv4.ip_local_port_range", f"{port} {port}")
            for end in established(elsewhere):
                setting.keep(end)
        netns.sysctl("ipv4.ip_local_port_range", usual)
        daemon.process.send_signal(signal.SIGCONT)
        wait_for(lambda: bound() == 0)


def reset(sockets):
    """Connections that end without TIME_WAIT; the clients first."""
    for client, server in zip(sockets[::2], sockets[1::2]):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        server.close()


def test_it_is_off_by_default(setting):
    setting.hold(setting.serve(), 5)
    exposition = exporter.poll_once()
    assert exposition.get("timewait_exporter_audit_success") is None
    assert exposition.get("timewait_exporter_audit_probes_total") is None


def test_a_kernel_without_the_option_says_so_once(setting, tmp_path):
    config = tmp_path / "audit.yml"
    config.write_text("poll: {interval: 100ms}\nheadroom: {audit: true}\n")
    setting.hold(setting.serve(), 5)
    with Daemon(f"--config.file={config}", preexec_fn=forbid_local_port_range) as daemon:
        wait_for(lambda: daemon.scrape().get("timewait_exporter_polls_total") > 5)
        scrape = daemon.scrape()
        assert scrape.get("timewait_exporter_audit_success") == 0
        assert scrape.get("timewait_exporter_poll_success") == 1
        _, log = daemon.stop()
    assert log.count("it needs Linux 6.3 or later") == 1
