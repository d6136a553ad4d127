"""The counters of TIME_WAIT sockets: each socket is counted once, whatever the moment of the poll."""

import threading

import pytest

from support import exporter, kernel_features, netns
from support.exporter import Daemon
from support.sockets import client_time_wait, close_in_order, established, listen, server_time_wait
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

PEER = "127.0.0.1:8080"


def outbound(exposition):
    return exposition.get("timewait_outbound_time_wait_entered_total", peer=PEER)


def inbound(exposition):
    return exposition.get("timewait_inbound_time_wait_entered_total", listener=PEER)


@pytest.fixture
def fast_polls(tmp_path):
    config = tmp_path / "config.yml"
    config.write_text("poll: {interval: 100ms}")
    return f"--config.file={config}"


def test_they_grow_by_what_enters(keep, fast_polls):
    netns.sysctl("ipv4.tcp_tw_reuse", 0)
    listener = keep(listen("127.0.0.1", 8080))
    client_time_wait(listener, 7)
    with Daemon(fast_polls) as daemon:
        assert outbound(daemon.scrape()) == 7
        client_time_wait(listener, 5)
        server_time_wait(listener, 3)
        scrape = daemon.scrape_after_poll()
        assert (outbound(scrape), inbound(scrape)) == (12, 3)
        scrape = daemon.scrape_after_poll()
        assert (outbound(scrape), inbound(scrape)) == (12, 3)


def test_none_is_lost_or_counted_twice_while_polls_cut_into_a_stream(keep, fast_polls):
    netns.sysctl("ipv4.tcp_tw_reuse", 0)
    netns.sysctl("ipv4.tcp_max_tw_buckets", 100_000)  # by default 8,192 where there are 2 GiB, and the scrapes leave some
    listener = keep(listen("127.0.0.1", 8080))
    count = 8000
    with Daemon(fast_polls) as daemon:
        stream = threading.Thread(target=client_time_wait, args=(listener, count))
        stream.start()
        readings = []
        while stream.is_alive():
            readings.append(outbound(daemon.scrape()) or 0)
        stream.join()
        assert readings == sorted(readings)
        assert outbound(daemon.scrape_after_poll()) == count
        # Nothing was reused or cut short, which no age could tell.
        assert daemon.scrape().get("timewait_reused_total") == 0
        assert daemon.scrape().get("timewait_overflow_total") == 0


def test_a_single_poll_counts_what_it_sees(keep):
    listener = keep(listen("127.0.0.1", 8080))
    client_time_wait(listener, 4)
    assert outbound(exporter.poll_once()) == 4


def test_early_reuse_shows_beside_it(keep, fast_polls):
    netns.sysctl("ipv4.ip_local_port_range", "40000 40019")
    netns.sysctl("ipv4.tcp_tw_reuse", 2)
    delay_can_be_set = kernel_features.reuse_delay_can_be_set()
    if delay_can_be_set:  # else a second must do
        netns.sysctl("ipv4.tcp_tw_reuse_delay", 60000)
    listener = keep(listen("127.0.0.1", 8080))
    with Daemon(fast_polls, listen="127.0.0.1:9100") as daemon:  # outside the range
        client_time_wait(listener, 20)
        wait_for(lambda: outbound(daemon.scrape()) == 20)
        if delay_can_be_set:
            netns.sysctl("ipv4.tcp_tw_reuse_delay", 1)
        client_time_wait(listener, 10)  # takes over ten of those ports
        scrape = wait_for(lambda: (lambda e: e if outbound(e) == 30 else None)(daemon.scrape()))
        assert scrape.get("timewait_reused_total") >= 10  # and those of the scrapes
        assert scrape.get("timewait_outbound_ports_used", peer=PEER) == 20


def test_a_server_that_restarts_leaves_no_peers_behind(keep, fast_polls):
    listener = listen("127.0.0.1", 8080)
    server_time_wait(listener, 5)
    client, server = map(keep, established(listener))
    with Daemon(fast_polls) as daemon:
        daemon.scrape_after_poll()
        listener.close()
        for _ in range(2):
            scrape = daemon.scrape_after_poll()
            assert scrape.get("timewait_inbound_sockets", listener=PEER, state="time_wait") == 5
            assert scrape.get("timewait_inbound_sockets", listener=PEER, state="established") == 1
            peers = scrape.label_values("timewait_outbound_sockets", "peer")
            assert peers <= {PEER, f"{daemon.host}:{daemon.port}"}
        listener = keep(listen("127.0.0.1", 8080))
        server_time_wait(listener, 2)
        close_in_order(server, client)
        assert inbound(daemon.scrape_after_poll()) == 8
