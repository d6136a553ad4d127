"""Counts per peer, listener, role and state are those of ss(8), on sockets that do not move."""

import socket
from collections import Counter

import pytest

from support import exporter, kernel_features, netns
from support.sockets import (client_time_wait, close_in_order, connect, established, listen,
                             server_time_wait, settled, ss)
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

ALWAYS_SHOWN = ("established", "time_wait")


def expected_from_ss():
    """(outbound, inbound) counters of (name, state), by the contract's words alone."""
    sockets = ss()
    listening = {(address, port) for state, address, port, _, _ in sockets if state == "listen"}
    outbound, inbound = Counter(), Counter()
    for address, port in listening:
        for state in ALWAYS_SHOWN:
            inbound[_listener_name(address, port), state] += 0
    for state, local, port, remote, remote_port in sockets:
        if state in ("listen", "close"):
            continue
        owner = _owner(listening, local, port)
        if owner:
            name, counts = _listener_name(*owner), inbound
        else:
            name, counts = _endpoint(remote, remote_port), outbound
        counts[name, state] += 1
        for always in ALWAYS_SHOWN:
            counts[name, always] += 0
    return outbound, inbound


def _owner(listening, local, port):
    # ss writes the dual-stack wildcard "*", the IPv6-only one "[::]".
    wildcards = ("::", "*") if ":" in local else ("0.0.0.0", "*")
    for address in (local, *wildcards):
        if (address, port) in listening:
            return address, port
    return None


def _listener_name(address, port):
    return f"*:{port}" if address in ("*", "::", "0.0.0.0") else _endpoint(address, port)


def _endpoint(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def check_equal_to_ss(*flags):
    exposition = exporter.poll_once(*flags)
    outbound, inbound = expected_from_ss()
    assert _counts(exposition, "timewait_outbound_sockets", "peer") == dict(outbound)
    assert _counts(exposition, "timewait_inbound_sockets", "listener") == dict(inbound)
    return exposition


def _counts(exposition, metric, label):
    return {(dict(labels)[label], dict(labels)["state"]): int(value)
            for labels, value in exposition.series(metric).items()}


def test_an_empty_namespace():
    exposition = check_equal_to_ss()
    assert exposition.get("timewait_exporter_poll_sockets") == 0
    assert exposition.get("timewait_peers") == 0


def test_both_ends_of_a_connection(keep):
    listener = keep(listen())
    keep(*established(listener))
    exposition = check_equal_to_ss()
    name = f"127.0.0.1:{listener.getsockname()[1]}"
    assert exposition.get("timewait_outbound_sockets", peer=name, state="established") == 1
    assert exposition.get("timewait_inbound_sockets", listener=name, state="established") == 1


def test_the_side_that_closes_first_has_the_time_wait(keep):
    listener = keep(listen())
    client_time_wait(listener, 3)
    server_time_wait(listener, 5)
    exposition = check_equal_to_ss()
    name = f"127.0.0.1:{listener.getsockname()[1]}"
    assert exposition.get("timewait_outbound_sockets", peer=name, state="time_wait") == 3
    assert exposition.get("timewait_inbound_sockets", listener=name, state="time_wait") == 5
    assert exposition.get("timewait_outbound_ports_used", peer=name) == 3
    assert exposition.get("timewait_outbound_time_wait_entered_total", peer=name) == 3
    assert exposition.get("timewait_inbound_time_wait_entered_total", listener=name) == 5


def test_ipv6(keep):
    listener = keep(listen("::1"))
    keep(*established(listener))
    client_time_wait(listener, 2)
    server_time_wait(listener, 4)
    check_equal_to_ss()


def test_ipv4_through_an_ipv6_socket_counts_as_ipv4(keep):
    listener = keep(listen("::"))
    port = listener.getsockname()[1]
    keep(*established(listener, "::ffff:127.0.0.1"))
    keep(*established(listener, "127.0.0.1"))
    client_time_wait(listener, 2, "::ffff:127.0.0.1")
    server_time_wait(listener, 4, "127.0.0.1")
    exposition = check_equal_to_ss()
    assert exposition.label_values("timewait_outbound_sockets", "peer") == {f"127.0.0.1:{port}"}
    assert exposition.label_values("timewait_inbound_sockets", "listener") == {f"*:{port}"}


def test_wildcard_and_exact_listeners_on_one_port(keep):
    exact = keep(listen("127.0.0.1", 8080))
    wildcard = keep(listen("127.0.0.3", 8080))
    every = keep(listen("::", 8081))
    ipv4 = keep(listen("0.0.0.0", 8082))
    ipv6_only = keep(listen("::", 8082, v6only=True))
    for listener, address in ((exact, None), (wildcard, None), (every, "127.0.0.7"), (every, "::1"),
                              (ipv4, "127.0.0.8"), (ipv6_only, "::1")):
        keep(*established(listener, address))
    exposition = check_equal_to_ss()
    assert exposition.label_values("timewait_inbound_sockets", "listener") == {
        "127.0.0.1:8080", "127.0.0.3:8080", "*:8081", "*:8082"}


def test_an_ipv6_only_wildcard_owns_no_ipv4_connection(keep):
    # 127.0.0.1:PORT is an outbound socket's local end; [::]:PORT listens, but only for IPv6.
    server = keep(listen("127.0.0.2", 9000))
    client = keep(socket.socket())
    client.bind(("127.0.0.1", 45000))
    client.connect(("127.0.0.2", 9000))
    keep(server.accept()[0])
    keep(listen("::", 45000, v6only=True))
    exposition = check_equal_to_ss()
    assert exposition.get("timewait_outbound_sockets", peer="127.0.0.2:9000", state="established") == 1
    assert exposition.get("timewait_inbound_sockets", listener="*:45000", state="established") == 0


def test_listeners_inside_the_ephemeral_range(keep):
    listener = keep(listen("127.0.0.1", 40000))
    keep(*established(listener))
    client_time_wait(listener, 2)
    server_time_wait(listener, 3)
    exposition = check_equal_to_ss()
    assert exposition.get("timewait_ephemeral_ports_bound") == 1
    assert exposition.get("timewait_outbound_ports_capacity", peer="127.0.0.1:40000") == 28231
    assert exposition.get("timewait_listen_ephemeral_ports", listener="127.0.0.1:40000") == 1
    # A loopback port comes back after tcp_tw_reuse_delay.
    assert exposition.get("timewait_outbound_sustainable_arrivals_per_second", peer="127.0.0.1:40000") == 28231


def test_every_state_that_can_be_held_still(keep):
    listener = keep(listen("127.0.0.1", 8080))
    keep(*established(listener))
    client, server = established(listener)
    keep(client, server)
    client.shutdown(socket.SHUT_WR)  # fin_wait2 and close_wait
    client, server = established(listener)
    keep(client, server)
    server.shutdown(socket.SHUT_WR)  # the same, the other way round
    close_in_order(*established(listener))
    silent = keep(listen("127.0.0.1", 8081, backlog=0))
    keep(connect("127.0.0.1", 8081))
    wait_for(lambda: ("established", "127.0.0.1", "8081") in [each[:3] for each in ss()])  # at the other end, too
    waiting = keep(socket.socket())  # the accept queue is full: syn_sent, and no answer
    waiting.setblocking(False)
    assert waiting.connect_ex(silent.getsockname()) != 0
    settled()
    exposition = check_equal_to_ss()
    peer = "127.0.0.1:8080"
    for state in ("established", "fin_wait2", "close_wait", "time_wait"):
        assert exposition.get("timewait_outbound_sockets", peer=peer, state=state) == 1, state
    assert exposition.get("timewait_outbound_sockets", peer="127.0.0.1:8081", state="syn_sent") == 1
    assert exposition.get("timewait_outbound_sockets", peer=peer, state="syn_sent") is None


def test_the_accept_queue(keep):
    listener = keep(listen("127.0.0.1", 8080, backlog=7))
    for _ in range(3):
        keep(connect("127.0.0.1", 8080))
    exposition = check_equal_to_ss()
    assert exposition.get("timewait_listen_queue_sockets", listener="127.0.0.1:8080") == 3
    assert exposition.get("timewait_listen_queue_limit", listener="127.0.0.1:8080") == 7
    assert listener.fileno() >= 0


def test_listeners_that_share_a_port_are_one(keep):
    for _ in range(3):
        keep(listen("127.0.0.1", 8080, backlog=5, reuse_port=True))
    exposition = check_equal_to_ss()
    assert exposition.get("timewait_listen_queue_limit", listener="127.0.0.1:8080") == 15


def test_configured_names(keep, tmp_path):
    config = tmp_path / "config.yml"
    config.write_text("""
        peers:
          - name: tomcat
            match: [{address: 127.0.0.1, port: 8080}, {address: "::1", port: 8080}]
          - {name: block, match: [{address: 127.1.0.0/16, port: 8000-8100}]}
          - {name: idle, match: [{address: 192.0.2.1}]}
        listeners:
          - {name: web, match: [{port: 8080}]}
          - {name: absent, match: [{port: 81}]}
        """)
    for address in ("127.0.0.1", "::1"):
        listener = keep(listen(address, 8080))
        keep(*established(listener))
        client_time_wait(listener, 2)
        server_time_wait(listener, 3)
    for address in ("127.1.2.3", "127.1.200.200"):
        keep(*established(keep(listen(address, 8081))))
    keep(*established(keep(listen("127.2.0.1", 8081))))
    exposition = exporter.poll_once(f"--config.file={config}")

    def outbound(peer, state):
        return exposition.get("timewait_outbound_sockets", peer=peer, state=state)

    def inbound(listener, state):
        return exposition.get("timewait_inbound_sockets", listener=listener, state=state)

    assert (outbound("tomcat", "established"), outbound("tomcat", "time_wait")) == (2, 4)
    assert outbound("block", "established") == 2
    assert outbound("127.2.0.1:8081", "established") == 1
    assert (outbound("idle", "established"), outbound("idle", "time_wait")) == (0, 0)
    assert exposition.get("timewait_outbound_port_headroom_ratio", peer="idle") == 1
    assert exposition.get("timewait_outbound_ports_capacity", peer="idle") == 28232
    assert (inbound("web", "established"), inbound("web", "time_wait")) == (2, 6)
    assert (inbound("absent", "established"), inbound("absent", "time_wait")) == (0, 0)
    assert exposition.get("timewait_peers") == 1


def test_the_tightest_pool_decides(keep, tmp_path):
    config = tmp_path / "config.yml"
    config.write_text("peers: [{name: both, match: [{port: 8080}]}]")
    netns.sysctl("ipv4.ip_local_port_range", "40000 40099")
    near, far = keep(listen("127.0.0.1", 8080)), keep(listen("127.0.0.2", 8080))
    for _ in range(10):
        keep(*established(near))
    for _ in range(30):
        keep(*established(far, source="127.0.0.1"))
    exposition = exporter.poll_once(f"--config.file={config}")
    assert exposition.get("timewait_outbound_sockets", peer="both", state="established") == 40
    assert exposition.get("timewait_outbound_ports_used", peer="both") == 30
    assert exposition.get("timewait_outbound_port_headroom_ratio", peer="both") == 0.7


def test_the_sysctls(keep):
    netns.sysctl("ipv4.ip_local_port_range", "40000 40099")
    netns.sysctl("ipv4.ip_local_reserved_ports", "40005-40009,39999")
    netns.sysctl("ipv4.tcp_tw_reuse", 1)
    delay = 1  # where it cannot be set
    if kernel_features.reuse_delay_can_be_set():
        netns.sysctl("ipv4.tcp_tw_reuse_delay", 2500)
        delay = 2.5
    netns.sysctl("ipv4.tcp_max_tw_buckets", 1234)
    keep(listen("127.0.0.1", 40020))
    client_time_wait(keep(listen("127.0.0.1", 8080)), 7)
    exposition = exporter.poll_once()
    assert exposition.get("timewait_ephemeral_ports") == 100
    assert exposition.get("timewait_ephemeral_ports_reserved") == 5
    assert exposition.get("timewait_ephemeral_ports_bound") == 1
    assert exposition.get("timewait_listen_ephemeral_ports", listener="127.0.0.1:40020") == 1
    assert exposition.get("timewait_listen_ephemeral_ports", listener="127.0.0.1:8080") == 0
    assert exposition.get("timewait_outbound_sustainable_arrivals_per_second", peer="127.0.0.1:8080") == 94 / delay
    assert exposition.get("timewait_tcp_tw_reuse") == 1
    assert exposition.get("timewait_tcp_tw_reuse_delay_seconds") == delay
    assert exposition.get("timewait_sockets_limit") == 1234
    assert exposition.get("timewait_sockets") == 7


def test_the_kernels_counters(keep):
    netns.sysctl("ipv4.tcp_max_tw_buckets", 3)
    listener = keep(listen("127.0.0.1", 8080))
    client_time_wait(listener, 10)
    expected = {**_proc_counters("netstat", "TcpExt:"), **_proc_counters("snmp", "Tcp:")}
    exposition = exporter.poll_once()
    for metric, name in (("timewait_entered_total", "TW"), ("timewait_reused_total", "TWRecycled"),
                         ("timewait_overflow_total", "TCPTimeWaitOverflow"),
                         ("timewait_listen_overflows_total", "ListenOverflows"),
                         ("timewait_listen_drops_total", "ListenDrops"),
                         ("timewait_tcp_active_opens_total", "ActiveOpens"),
                         ("timewait_tcp_attempt_fails_total", "AttemptFails")):
        assert exposition.get(metric) == expected[name], metric
    assert exposition.get("timewait_overflow_total") > 0


def _proc_counters(file, prefix):
    with open(f"/proc/self/net/{file}", encoding="ascii") as lines:
        names, values = [line.split() for line in lines if line.startswith(prefix)]
    return dict(zip(names[1:], map(int, values[1:])))
