"""Many remote parties: the series stay within the limit, and the tightest pools are the ones shown."""

import os
import resource

import pytest

from support import exporter, netns
from support.sockets import client_time_wait, connect, listen
from support.time_wait_maker import time_wait_sockets

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

INBOUND, OUTBOUND, LIMIT = 100_000, 20_000, 20


def loopback(block, number):
    """A distinct address of 127.BLOCK.0.0/16, or beyond it."""
    return f"127.{block + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def inbound_from_distinct_remotes(listener, count):
    address = listener.getsockname()
    for number in range(count):
        client = connect(*address, source=loopback(10, number + 1))
        listener.accept()[0].close()
        client.close()


def outbound_to_distinct_remotes(listener, count):
    port = listener.getsockname()[1]
    for number in range(count):
        client = connect(loopback(100, number + 1), port)
        server = listener.accept()[0]
        client.close()
        server.close()


def test_the_tightest_of_many_peers_are_shown(keep):
    netns.sysctl("ipv4.tcp_max_tw_buckets", 400_000)
    netns.sysctl("ipv4.ip_local_port_range", "10000 60999")
    web = keep(listen("127.0.0.1", 80))
    inbound_from_distinct_remotes(web, INBOUND)
    services = keep(listen("0.0.0.0", 9000))
    outbound_to_distinct_remotes(services, OUTBOUND)
    tight = {loopback(200, number): 5 + number for number in range(LIMIT + 5)}
    for address, count in tight.items():
        client_time_wait(services, count, address)

    exposition = exporter.poll_once()
    shown = exposition.label_values("timewait_outbound_sockets", "peer")
    tightest = sorted(tight, key=tight.get, reverse=True)[:LIMIT]
    assert shown == {f"{address}:9000" for address in tightest} | {"other"}
    for address in tightest:
        assert exposition.get("timewait_outbound_ports_used", peer=f"{address}:9000") == tight[address]

    folded = OUTBOUND + sum(tight.values()) - sum(tight[address] for address in tightest)
    assert exposition.get("timewait_folded_sockets") == folded
    assert exposition.get("timewait_outbound_sockets", peer="other", state="time_wait") == folded
    assert exposition.get("timewait_outbound_ports_capacity", peer="other") is None
    assert exposition.get("timewait_peers") == exposition.get("timewait_peers_limit") == LIMIT
    # By the kernel's own count, since one in a million connections ends in another way than it was meant to.
    inbound = exposition.get("timewait_inbound_sockets", listener="127.0.0.1:80", state="time_wait")
    assert inbound == time_wait_sockets() - OUTBOUND - sum(tight.values())
    assert INBOUND - 10 < inbound <= INBOUND
    assert exposition.get("timewait_sockets") == time_wait_sockets()
    assert len(exposition.samples) < 350
    # Far below what holding the dump would take. The test's only child is the exporter; a sanitizer's own
    # memory says nothing of it.
    if not os.environ.get("TIMEWAIT_SANITIZE"):
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 64 * 1024
