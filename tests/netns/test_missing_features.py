"""What a kernel lacks, older or built without, taken away one by one: the figures stay right, and what is not known is
said. `test_audit.py` does so with IP_LOCAL_PORT_RANGE, `test_procfs.py` with netlink; `tests/kernels` runs all of it on
kernels that have never had the features.
"""

import functools
import json
import socket

import pytest
from scenarios import CASES, SERVER_PORT, Setting

from support import exporter, kernel_features, netns, timewait
from support.exporter import Daemon
from support.sandbox import call_the_kernel_old, leave_out_ipv6, leave_out_sock_diag, leave_out_sysctl
from support.sockets import client_time_wait, connect, connect_until_exhausted, established, listen

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

SERVER = f"127.0.0.1:{SERVER_PORT}"
NOT_LISTED = "does not list sockets that are bound"
without_reuse_delay = functools.partial(leave_out_sysctl, "tcp_tw_reuse_delay")


@pytest.fixture(name="waiting")
def _waiting(tmp_path):
    """50 TIME_WAIT sockets that are older than a second, on a loopback that takes ports again after one."""
    setting = Setting(tmp_path)
    CASES["reuse_2_loopback"](setting)
    yield setting
    setting.close()


def test_without_tcp_tw_reuse_delay_a_second_is_the_delay(waiting):
    with_it = exporter.poll_once()
    without = exporter.poll_once(preexec_fn=without_reuse_delay)
    assert without.get("timewait_tcp_tw_reuse_delay_seconds") == 1
    assert without.get("timewait_outbound_ports_reusable", peer=SERVER) == 50
    assert without.headroom(SERVER) == with_it.headroom(SERVER) == waiting.ask_kernel()


def test_the_delay_that_is_there_counts(waiting):
    """Or the one before would pass whatever is read."""
    if not kernel_features.reuse_delay_can_be_set():
        assert exporter.poll_once().get("timewait_tcp_tw_reuse_delay_seconds") == 1
        return
    netns.sysctl("ipv4.tcp_tw_reuse_delay", 60000)
    assert exporter.poll_once().get("timewait_outbound_ports_reusable", peer=SERVER) == 0
    assert exporter.poll_once(preexec_fn=without_reuse_delay).get(
        "timewait_outbound_ports_reusable", peer=SERVER) == 50


def test_without_tcp_tw_reuse_nothing_is_reusable(waiting):
    exposition = exporter.poll_once(preexec_fn=functools.partial(leave_out_sysctl, "tcp_tw_reuse"))
    assert exposition.get("timewait_tcp_tw_reuse") is None
    assert exposition.get("timewait_outbound_ports_reusable", peer=SERVER) == 0


def test_without_a_bucket_limit_there_is_none_to_show(waiting):
    exposition = exporter.poll_once(preexec_fn=functools.partial(leave_out_sysctl, "tcp_max_tw_buckets"))
    assert exposition.get("timewait_sockets_limit") is None
    assert exposition.get("timewait_sockets") == 50


def test_without_a_port_range_a_poll_fails(waiting):
    result = exporter.run("--once", preexec_fn=functools.partial(leave_out_sysctl, "ip_local_port_range"))
    assert result.returncode == 1
    assert "ip_local_port_range" in result.stderr


def test_without_sock_diag_procfs_tells(waiting):
    exposition = exporter.poll_once(log="there is no netlink sock_diag", preexec_fn=leave_out_sock_diag)
    assert exposition.get("timewait_exporter_source_info", source="procfs") == 1
    assert exposition.headroom(SERVER) == waiting.ask_kernel()


@pytest.fixture(name="bound")
def _bound(keep):
    """A port that a socket is bound to without a connection, and a connection."""
    netns.sysctl("ipv4.ip_local_port_range", "40000 40099")
    server = keep(listen("127.0.0.1", SERVER_PORT))
    keep(*established(server))
    keep(socket.socket()).bind(("127.0.0.1", 40050))


def not_known(**options):
    found = json.loads(timewait.run("diagnose", "--json", **options).stdout)
    return [NOT_LISTED in each for each in found["unknown"]]


def test_where_bound_sockets_are_not_listed_that_is_said(bound):
    assert any(not_known(preexec_fn=call_the_kernel_old))
    snapshot = timewait.read_snapshot(preexec_fn=call_the_kernel_old)
    assert snapshot["namespaces"][0]["poll"]["lists_bound_sockets"] is False


def test_where_they_are_listed_they_count(bound, keep):
    lists = kernel_features.lists_bound_sockets()
    assert any(not_known()) == (not lists)
    assert timewait.read_snapshot()["namespaces"][0]["poll"]["lists_bound_sockets"] == lists
    exposition = exporter.poll_once()
    assert exposition.get("timewait_ephemeral_ports_bound") == int(lists)
    allowed = connect_until_exhausted("127.0.0.1", SERVER_PORT)
    keep(*allowed)
    assert exposition.headroom(SERVER) == len(allowed) + int(not lists)


def test_procfs_lists_none_either(bound):
    snapshot = timewait.read_snapshot(preexec_fn=leave_out_sock_diag)
    assert snapshot["namespaces"][0]["poll"]["lists_bound_sockets"] is False


def test_without_ipv6_it_listens_and_counts(keep):
    server = keep(listen("127.0.0.1", SERVER_PORT))
    client_time_wait(server, 5)
    with Daemon(listen=":0", preexec_fn=leave_out_ipv6) as daemon:
        assert daemon.host == "0.0.0.0"
        keep(connect("127.0.0.1", daemon.port))
        assert daemon.scrape().get("timewait_outbound_sockets", peer=SERVER, state="time_wait") == 5
