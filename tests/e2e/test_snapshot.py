"""/api/v1/snapshot: valid by its schema whatever happens, and the same figures as /metrics."""

import errno
import gzip
import json
import math
import re
import signal
import socket
import struct
import subprocess
import textwrap
from pathlib import Path

import pytest

from support import netns, snapshot
from support.exporter import Daemon
from support.sandbox import fail_to_receive, forbid_netlink
from support.sockets import client_time_wait, connect, connect_until_exhausted, established, listen, server_time_wait
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

DOCUMENT = Path(__file__).parents[2] / "src/exposition/SNAPSHOT.md"
OPTIONAL = {"sockets", "poll_errors"}  # whose properties may be left out
ODD_NAME = "Bestellungen \"ä漢\" \\ </script>"


def config_file(directory, text):
    file = directory / "config.yml"
    file.write_text(text, encoding="utf-8")
    return f"--config.file={file}"


def one_poll(directory, text=""):
    """A configuration with which the poll at the start is the only one."""
    return config_file(directory, "poll: {interval: 60s}\n" + textwrap.dedent(text))


def after_a_poll(daemon):
    """The snapshot of a poll that began after the call."""
    polls = snapshot.read(daemon)["namespaces"][0]["poll"]["polls"]
    return wait_for(lambda: (lambda s: s if s["namespaces"][0]["poll"]["polls"] >= polls + 2 else None)(
        snapshot.read(daemon)))


# --- The schema

def test_the_schema_is_one_and_leaves_nothing_open():
    assert snapshot.SCHEMA.check_that_nothing_is_open(OPTIONAL) > 15


def test_the_schema_has_teeth(tmp_path):
    with Daemon(one_poll(tmp_path)) as daemon:
        good = snapshot.read(daemon)
    for spoil in (lambda s: s.update(more=1), lambda s: s.pop("findings"),
                  lambda s: s["namespaces"][0]["host"].update(tcp_timestamps="yes"),
                  lambda s: s["namespaces"][0]["poll"].pop("sockets"),
                  lambda s: s["namespaces"][0]["history"]["at"].append(None)):
        bad = json.loads(json.dumps(good))
        spoil(bad)
        with pytest.raises(AssertionError):
            snapshot.check(bad)


# --- How it is served

def test_content_type_head_and_gzip(tmp_path, keep):
    keep(*established(keep(listen("127.0.0.2", 9000))))  # without a socket it is hardly worth gzip
    with Daemon(one_poll(tmp_path)) as daemon:
        _, headers, body = daemon.get(snapshot.PATH)
        assert headers["Content-Type"] == "application/json"
        assert int(headers["Content-Length"]) == len(body)
        status, headers, nothing = daemon.get(snapshot.PATH, method="HEAD")
        assert (status, nothing) == (200, b"") and int(headers["Content-Length"]) > 1000
        _, headers, packed = daemon.get(snapshot.PATH, headers={"Accept-Encoding": "gzip"})
        assert headers["Content-Encoding"] == "gzip"
        assert json.loads(gzip.decompress(packed))["namespaces"] == json.loads(body)["namespaces"]
        assert daemon.get(snapshot.PATH, method="POST")[0] == 405
        assert daemon.get(snapshot.PATH + "/")[0] == 404


# --- The figures

def exhaustion(seconds):
    return math.inf if seconds is None else seconds


def check_peer(peer, metrics):
    def figure(name):
        return metrics.get(f"timewait_outbound_{name}", peer=peer["name"])

    ports = peer["ports"]
    assert ports["capacity"] == figure("ports_capacity")
    assert ports["used"] == figure("ports_used")
    assert ports["reusable"] == figure("ports_reusable")
    assert ports["free"] == ports["capacity"] - ports["used"] + ports["reusable"]
    assert ports["free_fast"] == figure("ports_fast")
    for name in ("arrivals_per_second", "sustainable_per_second"):  # to three decimals; neither without a pool
        assert peer[name] == pytest.approx(figure(name.replace("sustainable_", "sustainable_arrivals_")), abs=1e-3)
    assert peer["headroom_ratio"] == pytest.approx(figure("port_headroom_ratio"), abs=1e-6)
    assert peer["effective_headroom_ratio"] == pytest.approx(figure("port_effective_headroom_ratio"), abs=1e-6)
    assert peer["time_wait_entered_total"] == figure("time_wait_entered_total")
    # They count down between the two requests.
    assert exhaustion(peer["exhaustion_seconds"]) == pytest.approx(figure("exhaustion_seconds"), abs=5)


def states(metrics, metric, label, name):
    return {dict(labels)["state"]: value for labels, value in metrics.series(metric).items()
            if dict(labels)[label] == name}


def check_same_figures(namespace, metrics):
    """All series of the exporter's own namespace, one way and the other."""
    names = [peer["name"] for peer in namespace["peers"]]
    assert set(names) == metrics.label_values("timewait_outbound_ports_capacity", "peer")
    for peer in namespace["peers"]:
        check_peer(peer, metrics)
        assert peer["sockets"] == states(metrics, "timewait_outbound_sockets", "peer", peer["name"])
    if namespace["folded"]:
        assert namespace["folded"]["sockets"] == states(metrics, "timewait_outbound_sockets", "peer", "other")
    assert {each["name"] for each in namespace["listeners"]} == \
        metrics.label_values("timewait_inbound_sockets", "listener")
    for listener in namespace["listeners"]:
        name = listener["name"]
        assert listener["sockets"] == states(metrics, "timewait_inbound_sockets", "listener", name)
        assert listener["accept_queue"] == metrics.get("timewait_listen_queue_sockets", listener=name)
        assert listener["accept_queue_limit"] == metrics.get("timewait_listen_queue_limit", listener=name)
    host = namespace["host"]
    for value, metric in ((host["ephemeral_ports"]["count"], "timewait_ephemeral_ports"),
                          (host["ephemeral_ports"]["reserved"], "timewait_ephemeral_ports_reserved"),
                          (host["ephemeral_ports"]["bound"], "timewait_ephemeral_ports_bound"),
                          (host["time_wait_sockets"], "timewait_sockets"),
                          (host["time_wait_sockets_limit"], "timewait_sockets_limit"),
                          (host["tcp_tw_reuse"], "timewait_tcp_tw_reuse"),
                          (host["tcp_tw_reuse_delay_seconds"], "timewait_tcp_tw_reuse_delay_seconds"),
                          (namespace["poll"]["polls"], "timewait_exporter_polls_total"),
                          (namespace["poll"]["sockets"], "timewait_exporter_poll_sockets"),
                          *((value, f"timewait_{name}") for name, value in host["counters"].items())):
        assert value is not None and value == metrics.get(metric), metric
    assert namespace["poll"]["last_success_at"] == pytest.approx(
        metrics.get("timewait_exporter_last_poll_timestamp_seconds"), abs=0.1)  # two clocks


def test_the_figures_are_those_of_metrics(tmp_path, keep):
    flag = one_poll(tmp_path, """
        peers:
          - {name: tomcat, match: [{port: 8080}]}
          - {name: idle, match: [{address: 192.0.2.1}]}
        listeners: [{name: web, match: [{port: 8080}]}]
        discovery: {max_peers: 1}
        """)
    netns.sysctl("ipv4.ip_local_port_range", "40000 40199")
    netns.sysctl("ipv4.ip_local_reserved_ports", "40000-40004")
    netns.sysctl("ipv4.tcp_tw_reuse", 0)
    keep(listen("127.0.0.1", 40010))
    tomcat = keep(listen("127.0.0.1", 8080, backlog=7))
    client_time_wait(tomcat, 30)
    client_time_wait(tomcat, 10, source="127.0.0.5")
    server_time_wait(tomcat, 3)
    keep(*established(tomcat), connect("127.0.0.1", 8080))
    for address, count in (("127.0.0.2", 20), ("127.0.0.3", 5)):
        other = keep(listen(address, 9000))
        for _ in range(count):
            keep(*established(other))
    with Daemon(flag) as daemon:
        namespace = snapshot.read(daemon)["namespaces"][0]
        check_same_figures(namespace, daemon.scrape())
    tomcat = namespace["peers"][0]
    assert (tomcat["name"], tomcat["configured"], tomcat["pools"]) == ("tomcat", True, 2)
    assert tomcat["tightest_pool"] == {"local_address": "127.0.0.1", "remote_address": "127.0.0.1",
                                       "remote_port": 8080, "zone": 0}
    tightest = namespace["pools"][0]
    assert tightest["peer"] == "tomcat" and tightest["local_address"] == "127.0.0.1"
    assert tightest["ports"] == tomcat["ports"]
    assert sum(tightest["time_wait_ages"]) + tightest["time_wait_overdue"] == 30
    assert [peer["tightest_pool"] for peer in namespace["peers"] if peer["name"] == "idle"] == [None]
    assert [pool["peer"] for pool in namespace["pools"]] == ["tomcat", "127.0.0.2:9000", "tomcat", "other"]
    assert namespace["folded"]["sockets"]["established"] == 5
    assert namespace["history"]["peers"][0]["effective_headroom_ratio"] == [
        pytest.approx(namespace["peers"][2]["effective_headroom_ratio"], abs=1e-4)]


def test_history_has_a_point_in_five_seconds(tmp_path):
    with Daemon(config_file(tmp_path, "poll: {interval: 100ms, max_cpu: 100%}")) as daemon:
        def history():
            return snapshot.read(daemon)["namespaces"][0]["history"]
        assert len(history()["at"]) == 1
        history = wait_for(lambda: (lambda h: h if len(h["at"]) == 3 else None)(history()), timeout=30)
    spacings = [later - earlier for earlier, later in zip(history["at"], history["at"][1:])]
    assert min(spacings) >= 2 and 8 < sum(spacings) < 15  # about: the machine may be busy


def test_findings_are_of_what_is_wrong(tmp_path, keep):
    netns.sysctl("ipv4.ip_local_port_range", "40000 40019")
    server = keep(listen("127.0.0.2", 9000))
    outside_the_range = "127.0.0.1:10048"
    with Daemon(one_poll(tmp_path), listen=outside_the_range) as daemon:
        assert snapshot.read(daemon)["findings"] == []
    for _ in range(19):
        keep(*established(server))
    keep(listen("127.0.0.1", 40050))
    with Daemon(one_poll(tmp_path, "peers: [{name: db, match: [{port: 9000}]}]"),
                listen=outside_the_range) as daemon:
        (finding,) = snapshot.read(daemon)["findings"]
    assert (finding["severity"], finding["kind"], finding["peer"]) == ("critical", "headroom", "db")
    assert "Toward db, 5 % of the local ports are left (1 of 20 " in finding["text"]


@pytest.mark.parametrize("config", ["", "peers: [{name: idle, match: [{address: 192.0.2.1}]}]"])
def test_ports_run_out_toward_peers_that_are_not_shown(tmp_path, keep, config):
    netns.sysctl("ipv4.ip_local_port_range", "40000 40019")
    keep(listen("127.0.0.2", 9000))
    keep(*connect_until_exhausted("127.0.0.2", 9000))
    with Daemon(one_poll(tmp_path, f"discovery: {{max_peers: 0}}\n{config}"), listen="127.0.0.1:10048") as daemon:
        (finding,) = snapshot.read(daemon)["findings"]
    assert (finding["severity"], finding["kind"], finding["peer"]) == ("critical", "headroom", "other")
    assert "no local port is left from 127.0.0.1 to 127.0.0.2:9000" in finding["text"]


def test_arrivals_are_not_known_while_time_wait_overflows(tmp_path, keep):
    server = keep(listen("127.0.0.2", 9000))
    with Daemon(config_file(tmp_path, "poll: {interval: 100ms}")) as daemon:
        client_time_wait(server, 5)
        before = after_a_poll(daemon)
        assert [each["arrivals_per_second"] is None for each in shown_of(before)] == [False, False]
        assert not any(each["kind"] == "time_wait_limit" for each in before["findings"])
        netns.sysctl("ipv4.tcp_max_tw_buckets", 1)
        client_time_wait(server, 5)
        after = after_a_poll(daemon)
    assert [each["arrivals_per_second"] for each in shown_of(after)] == [None, None]
    (text,) = [each["text"] for each in after["findings"] if each["kind"] == "time_wait_limit"]
    assert "closes more connections without the protection of TIME_WAIT" in text


def shown_of(state):
    """The peer toward 127.0.0.2 and its pool."""
    namespace = state["namespaces"][0]
    return ([each for each in namespace["peers"] if each["name"] == "127.0.0.2:9000"]
            + [each for each in namespace["pools"] if each["peer"] == "127.0.0.2:9000"])


# --- Accept queues, held to what the kernel does

def accept_queue_finding(state):
    """(severity, text); None if there is none."""
    found = [(each["severity"], each["text"]) for each in state["findings"] if each["kind"] == "accept_queue"]
    return found[0] if found else None


def waiting_for_accept(listener):
    tcp_info = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return struct.unpack_from("=I", tcp_info, 24)[0]  # tcpi_unacked


def is_turned_away(address, port):
    with socket.socket() as client:
        client.settimeout(0.5)
        try:
            client.connect((address, port))
        except TimeoutError:
            return True
        return False


def test_an_accept_queue_is_full_when_the_kernel_turns_connections_away(tmp_path, keep):
    keep(listen("127.0.0.2", 8080, backlog=5))
    with Daemon(config_file(tmp_path, "poll: {interval: 100ms}")) as daemon:
        for _ in range(4):
            keep(connect("127.0.0.2", 8080))
        assert accept_queue_finding(after_a_poll(daemon)) is None
        keep(connect("127.0.0.2", 8080))
        severity, text = accept_queue_finding(after_a_poll(daemon))
        assert severity == "warning" and "nearly full (5 connections wait, its limit is 5)" in text
        keep(connect("127.0.0.2", 8080))  # finds room
        severity, text = accept_queue_finding(after_a_poll(daemon))
        assert severity == "critical" and "full (6 connections wait, more than its limit of 5)" in text
        assert is_turned_away("127.0.0.2", 8080)


def test_one_worker_of_several_is_stuck(tmp_path, keep):
    stuck = keep(listen("127.0.0.2", 8080, reuse_port=True, backlog=5))
    busy = keep(listen("127.0.0.2", 8080, reuse_port=True, backlog=50))
    busy.setblocking(False)

    def connect_and_serve():
        client = keep(socket.socket())
        client.setblocking(False)
        client.connect_ex(("127.0.0.2", 8080))
        try:
            while True:
                keep(busy.accept()[0])
        except BlockingIOError:
            return waiting_for_accept(stuck) == 6
    wait_for(connect_and_serve)
    with Daemon(one_poll(tmp_path)) as daemon:
        state = snapshot.read(daemon)
    (listener,) = [each for each in state["namespaces"][0]["listeners"] if each["name"] == "127.0.0.2:8080"]
    assert listener["accept_queue"] < listener["accept_queue_limit"]  # together there is room
    severity, text = accept_queue_finding(state)
    assert severity == "critical" and text.startswith("One of the 2 accept queues of 127.0.0.2:8080 is full (6 ")


# --- Whatever happens

def test_before_any_good_poll(tmp_path):
    with Daemon(config_file(tmp_path, "poll: {interval: 100ms}"),
                preexec_fn=lambda: fail_to_receive(errno.ENOBUFS)) as daemon:
        state = after_a_poll(daemon)
    namespace = state["namespaces"][0]
    assert namespace["host"] is None and namespace["peers"] == [] and namespace["history"]["at"] == []
    assert namespace["poll"]["successful"] is False
    assert namespace["poll"]["errors"]["overrun"] == namespace["poll"]["polls"]
    assert [(each["severity"], each["kind"]) for each in state["findings"]] == [("critical", "poll")]


def test_a_namespace_that_is_not_there(tmp_path):
    flag = config_file(tmp_path, f"network_namespaces: [{{name: app, path: {tmp_path}/nothing}}]")
    with Daemon(flag) as daemon:
        state = snapshot.read(daemon)
    own, app = state["namespaces"]
    assert (own["name"], own["poll"]["successful"]) == ("", True)
    assert (app["name"], app["poll"]["successful"], app["host"]) == ("app", False, None)
    assert [(each["severity"], each["kind"], each["netns"]) for each in state["findings"]] == [
        ("warning", "namespace", "app")]


def test_without_netlink(tmp_path, keep):
    keep(listen("127.0.0.1", 8080))
    with Daemon(one_poll(tmp_path), preexec_fn=forbid_netlink) as daemon:
        namespace = snapshot.read(daemon)["namespaces"][0]
        check = daemon.scrape()
    assert namespace["poll"]["source"] == "procfs"
    assert [each["accept_queue_limit"] for each in namespace["listeners"] if not each["exporter"]] == [None]
    assert check.get("timewait_listen_queue_limit", listener="127.0.0.1:8080") is None


def test_odd_names(tmp_path, keep):
    quoted = ODD_NAME.replace("\\", "\\\\").replace('"', '\\"')
    keep(*established(keep(listen("127.0.0.2", 9000))))
    with Daemon(one_poll(tmp_path, f"""
        peers: [{{name: "{quoted}", match: [{{port: 9000}}]}}]
        listeners: [{{name: "{quoted}", match: [{{port: 9000}}]}}]
        """)) as daemon:
        body = daemon.get(snapshot.PATH)[2]
        namespace = snapshot.read(daemon)["namespaces"][0]
    assert namespace["peers"][0]["name"] == ODD_NAME
    assert namespace["listeners"][0]["name"] == ODD_NAME
    assert namespace["history"]["peers"][0]["name"] == ODD_NAME
    assert "ä漢".encode() in body


# --- The exporter's own listener

@pytest.mark.parametrize("address, name", [("127.0.0.1:9001", "127.0.0.1:9001"), ("[::1]:9001", "[::1]:9001"),
                                           (":9001", "*:9001"), ("0.0.0.0:9001", "*:9001")])
def test_its_own_listener_is_told_apart(tmp_path, keep, address, name):
    keep(listen("127.0.0.2", 8080))
    with Daemon(config_file(tmp_path, "poll: {interval: 100ms}"), listen=address) as daemon:
        if daemon.host in ("::", "0.0.0.0"):
            daemon.host = "127.0.0.1"
        namespace = after_a_poll(daemon)["namespaces"][0]
        metrics = daemon.scrape()
    assert {each["name"]: each["exporter"] for each in namespace["listeners"]} == {name: True, "127.0.0.2:8080": False}
    assert metrics.series("timewait_exporter_listener_info") == {frozenset({("listener", name)}): 1}


def test_a_name_that_others_share_is_not_its_own(tmp_path, keep):
    keep(listen("127.0.0.2", 8080))
    text = """
        poll: {interval: 100ms}
        listeners: [{name: all, match: [{port: 8080-9001}]}]
        """
    with Daemon(config_file(tmp_path, text), listen="127.0.0.1:9001") as daemon:
        (listener,) = after_a_poll(daemon)["namespaces"][0]["listeners"]
        assert (listener["name"], listener["exporter"]) == ("all", False)
        assert not daemon.scrape().series("timewait_exporter_listener_info")


def test_its_own_listener_after_a_reload(tmp_path):
    """The rules are new then; where it listens is not."""
    flag = config_file(tmp_path, "poll: {interval: 100ms}")
    with Daemon(flag, listen="127.0.0.1:9001") as daemon:
        after_a_poll(daemon)
        config_file(tmp_path, "poll: {interval: 100ms}\nlisteners: [{name: exporter, match: [{port: 9001}]}]")
        daemon.process.send_signal(signal.SIGHUP)
        listener = wait_for(lambda: (lambda each: each if each["name"] == "exporter" else None)(
            snapshot.read(daemon)["namespaces"][0]["listeners"][0]))
    assert listener["exporter"] is True


# --- The document

def test_the_commands_of_the_document_work(tmp_path, keep):
    commands = re.findall(r"^curl .*$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) >= 4
    keep(*established(keep(listen("127.0.0.2", 9000))))
    with Daemon(one_poll(tmp_path)) as daemon:
        for command in commands:
            here = command.replace("localhost:10048", f"{daemon.host}:{daemon.port}")
            assert here != command
            done = subprocess.run(["bash", "-o", "pipefail", "-c", here], capture_output=True, text=True, timeout=30,
                                  check=False)
            assert (done.returncode, done.stderr) == (0, ""), command
            assert done.stdout.strip(), command
