"""`timewait diagnose` on hosts of real sockets: each time the right cause, and no wrong one."""

import concurrent.futures
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from diagnose_scenes import PORT, REMOTE, SCENES, UNREACHABLE

from support import kernel_features
from support.diagnosis import SCHEMA

SCRIPT = Path(__file__).parent / "diagnose_scenes.py"

WELL, WARNING, CRITICAL = 0, 3, 4
WEB, DB = f"{REMOTE}:{PORT}", f"{REMOTE}:5432"

# What belongs to a cause, and must not be said where it is not one.
OF_CAUSES = {
    "churn": ["keepalive 64"],
    "reuse": ["sysctl -w net.ipv4.tcp_tw_reuse"],
    "timestamps": ["sysctl -w net.ipv4.tcp_timestamps=1"],
    "open": ["state established", "a leak"],
    "silent peer": ["does not answer", "state syn-sent"],
    "peer that does not close": ["the peer does not close", "tcp_fin_timeout=15"],
    "reserved": ["Reserve only"],
    "range": ["sysctl -w net.ipv4.ip_local_port_range="],
    "bind": ["IP_BIND_ADDRESS_NO_PORT, &one"],
    "listener in the range": ["Reserve the ports: connect() then skips them"],
    "close_wait": ["has not called close()"],
    "accept queue": ["ss -tlnp", "somaxconn"],
    "bucket limit": ["sysctl -w net.ipv4.tcp_max_tw_buckets="],
}


@dataclass
class Expected:
    """Of one scene."""
    exit_code: int
    problems: list  # (kind, peer, listener) of each
    causes: tuple = ()  # of OF_CAUSES: these, and no others
    words: tuple = ()
    not_words: tuple = ()
    flags: tuple = ()


def toward(peer, kind="headroom"):
    return (kind, peer, None)


EXPECTED = {
    "all_well": Expected(WELL, [], not_words=("TIME_WAIT",)),
    "no_connections": Expected(WELL, [], not_words=("TIME_WAIT",)),
    "server_side_time_wait": Expected(
        WELL, [], words=("TIME_WAIT sockets are of connections that this host accepted", "hold no port")),
    "loopback_with_reuse": Expected(
        WELL, [], words=("TIME_WAIT sockets are on local ports that connect() would take again",
                         "tcp_tw_reuse is 2, for loopback", "as good as free")),
    "many_on_loopback": Expected(WELL, [], words=("would take again at once", "as good as free")),
    "remote_with_reuse_for_all": Expected(
        WELL, [], words=("tcp_tw_reuse is 1", "as good as free", "only if the peer had TCP timestamps")),
    "spread_over_pools": Expected(WELL, [], words=("1,500 TIME_WAIT sockets of outbound", "98 % left")),
    "burst_that_has_ended": Expected(WELL, [toward(WEB, "slow_connect")], ("churn",),
                                     words=("2,000 in TIME_WAIT",)),
    "busy_but_lasting": Expected(WELL, [], words=("this host accepted and closed first",)),

    "remote_near_exhaustion": Expected(
        CRITICAL, [toward(WEB)], ("churn", "reuse", "range"),
        words=("7 % of the local ports are left", "4,650 in TIME_WAIT", f"server {WEB};", "NAT")),
    "remote_churn": Expected(CRITICAL, [toward(WEB, "exhaustion")], ("churn", "reuse", "range"),
                             words=("run out in", "133 can be sustained")),
    "loopback_without_reuse": Expected(
        CRITICAL, [toward(f"127.0.0.1:{PORT}")], ("churn", "reuse", "range"), words=("tcp_tw_reuse=2",),
        not_words=("NAT",)),
    "loopback_without_timestamps": Expected(
        CRITICAL, [toward(f"127.0.0.1:{PORT}")], ("churn", "timestamps", "range")),
    "connections_that_nobody_closes": Expected(
        CRITICAL, [toward(DB)], ("open", "range"), words=("2,800 established",)),
    "connections_that_become_more": Expected(
        CRITICAL, [toward(DB, "exhaustion")], ("open", "range"), words=("run out in",)),
    "peer_that_does_not_answer": Expected(
        CRITICAL, [toward(f"{UNREACHABLE}:{PORT}")], ("silent peer", "range"), words=("480 in SYN_SENT",)),
    "peer_that_does_not_close": Expected(
        CRITICAL, [toward(WEB)], ("peer that does not close", "range"), words=("480 in FIN_WAIT2",)),
    "tiny_range": Expected(CRITICAL, [toward(WEB)], ("range",), words=("32 ports",)),
    "mostly_reserved_range": Expected(CRITICAL, [toward(WEB)], ("reserved", "range"),
                                      words=("28,200 reserved",)),

    "clients_that_bind": Expected(WARNING, [("bound_ports", None, None)], ("bind", "range"), flags=("--audit",),
                                  words=("300 of 1,000",), not_words=("--audit",)),
    "sockets_that_bind_and_wait": Expected(WARNING, [("bound_ports", None, None)], ("bind", "range"),
                                           words=("300 of 1,000",)),
    "listener_in_the_range": Expected(WELL, [("ephemeral_listener", None, "127.0.0.1:40123")],
                                      ("listener in the range",), words=("ip_local_reserved_ports=40123",)),
    "close_wait_toward_a_peer": Expected(
        WARNING, [toward(DB, "close_wait")], ("close_wait",), words=(f"dst {DB}", "60 in CLOSE_WAIT")),
    "close_wait_of_a_listener": Expected(
        WARNING, [("close_wait", None, "127.0.0.1:80")], ("close_wait",), words=("sport = :80",)),
    "full_accept_queue": Expected(CRITICAL, [("accept_queue", None, f"127.0.0.1:{PORT}")], ("accept queue",)),
    "small_time_wait_limit": Expected(
        WARNING, [("time_wait_limit", None, None)], ("churn", "bucket limit"),
        words=("200 of at most 200 TIME_WAIT", "how many are opened a second is not known")),

    "bound_clients_and_churn": Expected(
        WARNING, [toward(WEB), ("bound_ports", None, None)], ("churn", "reuse", "bind", "range"), flags=("--audit",)),
    "leak_beside_harmless_time_wait": Expected(
        WARNING, [toward(DB, "close_wait")], ("close_wait",),
        words=("TIME_WAIT sockets are of connections that this host accepted", "as good as free")),
}


# What kernels do not tell that lack a feature, and with it what would be found.
WITHOUT_AUDIT = {
    "clients_that_bind": Expected(WELL, [], words=("could not be asked for, which needs Linux 6.3 or later",),
                                  flags=("--audit",)),
    "bound_clients_and_churn": Expected(WARNING, [toward(WEB)], ("churn", "reuse", "range"), flags=("--audit",),
                                        words=("could not be asked for, which needs Linux 6.3 or later",)),
}
WITHOUT_BOUND_SOCKETS = {
    "sockets_that_bind_and_wait": Expected(WELL, [], words=("does not list sockets that are bound",)),
}
if not kernel_features.can_be_asked_for_ports():
    EXPECTED |= WITHOUT_AUDIT
if not kernel_features.lists_bound_sockets():
    EXPECTED |= WITHOUT_BOUND_SOCKETS


def strings_of(value):
    """All that is said somewhere in JSON."""
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [each for part in inside for each in strings_of(part)]


def play(name, *flags):
    """The diagnosis of a scene, which is made in a process and a network namespace of its own."""
    done = subprocess.run([sys.executable, "-B", SCRIPT, name, *flags], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module", name="diagnoses")
def _diagnoses():
    """{scene: the diagnosis to come}; most of the time each only waits, so that several are made at once."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=6) as pool:
        yield {name: pool.submit(play, name, "--json", *expected.flags) for name, expected in EXPECTED.items()}


def test_every_scene_is_looked_at_and_each_cause_is_one_somewhere():
    assert set(EXPECTED) == set(SCENES)
    unheard_of = set()
    if not kernel_features.can_be_asked_for_ports() and not kernel_features.lists_bound_sockets():
        unheard_of = {"bind"}
    assert {cause for expected in EXPECTED.values() for cause in expected.causes} == set(OF_CAUSES) - unheard_of


@pytest.mark.parametrize("name", EXPECTED)
def test_the_right_cause_and_no_wrong_one(name, diagnoses):
    expected, diagnosis = EXPECTED[name], diagnoses[name].result()
    assert diagnosis["stderr"] == ""
    found = SCHEMA.check(json.loads(diagnosis["stdout"]))
    text = "\n".join(strings_of(found))
    assert [(each["kind"], each["peer"], each["listener"]) for each in found["problems"]] == expected.problems
    assert diagnosis["exit_code"] == found["exit_code"] == expected.exit_code
    for cause, words in OF_CAUSES.items():
        assert (cause, [each for each in words if each in text]) == (cause, words if cause in expected.causes else [])
    assert [each for each in expected.words if each not in text] == []
    assert [each for each in expected.not_words if each in text] == []


def test_what_only_the_audit_finds_is_not_known_without():
    found = json.loads(play("clients_that_bind", "--json")["stdout"])
    assert (found["problems"], found["exit_code"]) == ([], WELL)
    not_listed = [] if kernel_features.lists_bound_sockets() else [False]
    assert ["--audit" in each for each in found["unknown"]] == [True, *not_listed]


def test_a_person_reads_the_same(diagnoses):
    found = json.loads(diagnoses["close_wait_of_a_listener"].result()["stdout"])
    diagnosis = play("close_wait_of_a_listener")
    assert (diagnosis["exit_code"], diagnosis["stderr"]) == (WARNING, "")
    assert diagnosis["stdout"].startswith("WARNING ")
    in_one_line = " ".join(diagnosis["stdout"].split())
    for each in strings_of(found["problems"][0]):
        assert " ".join(each.split()) in in_one_line or each in ("warning", "close_wait")
