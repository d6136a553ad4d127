"""The table of `timewait`: what the kernel says, whoever asks, of whichever network namespace."""

import json
import os
import re
import socket
import subprocess

import pytest

from support import kernel_features, netns, timewait
from support.sandbox import drop_all_rights, drop_sys_admin, forbid_netlink
from support.sockets import (client_time_wait, connect, connect_until_exhausted, established, listen, server_time_wait,
                             settled, ss)

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

PORT = 9000


def tables(text):
    """{first heading: [{heading: cell} of each row]}: the tables of an ASCII text as wide as it likes."""
    found = {}
    for paragraph in text.split("\n\n"):
        head, *rows = [[cell for cell in re.split(" {2,}", line) if not re.fullmatch(r"[#.]+", cell)]
                       for line in paragraph.splitlines()]
        if head[0] in ("PEER", "LISTENER"):
            found[head[0]] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


def peers(*arguments, **options):
    return tables(timewait.table(*arguments, env={"LC_ALL": "C"}, **options))["PEER"]


def count(state, address, port, local=None):
    return sum(1 for each, here, _, there, remote_port in ss()
               if (each, there, remote_port) == (state, address, str(port)) and local in (None, here))


@pytest.fixture(name="busy_host")
def _busy_host(keep):
    """Of every role, state and family; nothing in it changes by itself for a minute."""
    netns.sysctl("ipv4.ip_local_port_range", "40000 40399")
    netns.sysctl("ipv4.ip_local_reserved_ports", "40010-40029")
    netns.sysctl("ipv4.tcp_tw_reuse", 0)
    tight = keep(listen("127.0.0.2", PORT, backlog=500))
    keep(listen("127.0.0.1", 40000))  # holds a port of the range
    for _ in range(200):
        keep(*established(tight))
    client_time_wait(tight, 50)
    client_time_wait(tight, 20, source="127.0.0.9")
    loose = keep(listen("::1", PORT))
    keep(*established(loose))
    server_time_wait(loose, 15)
    client, server = keep(*established(tight))
    server.shutdown(socket.SHUT_WR)  # CLOSE_WAIT here, FIN_WAIT2 there
    keep(client, connect("127.0.0.2", PORT))  # waits for accept()
    settled()


# --- The figures

def test_the_table_is_what_the_kernel_says(busy_host):
    tight, loose = peers()
    assert (tight["PEER"], tight["LOCAL ADDRESS"]) == (f"127.0.0.2:{PORT}", "127.0.0.1 +1")
    used = {port for _, here, port, there, remote_port in ss()
            if (here, there, remote_port) == ("127.0.0.1", "127.0.0.2", str(PORT))}
    capacity = 400 - 20 - 1
    assert tight["USED/CAPACITY"] == f"{len(used)}/{capacity}"
    assert tight["FREE"] == tight["EFFECTIVE"] == f"{(capacity - len(used)) * 100 // capacity} %"
    assert int(tight["TIME_WAIT"]) == count("time_wait", "127.0.0.2", PORT) == 70
    assert int(tight["ESTAB"]) == count("established", "127.0.0.2", PORT)
    assert tight["RUNS OUT IN"] != "" and loose["RUNS OUT IN"] == "-"
    assert (loose["PEER"], loose["LOCAL ADDRESS"], loose["USED/CAPACITY"]) == (f"[::1]:{PORT}", "::1", f"1/{capacity}")
    connections = connect_until_exhausted("127.0.0.2", PORT)
    for each in connections:
        each.close()
    assert len(connections) == capacity - len(used)


def test_listeners_and_the_hosts_limits(busy_host):
    netns.sysctl("ipv4.tcp_max_tw_buckets", 5000)
    text = timewait.table(env={"LC_ALL": "C"})
    listeners = {each["LISTENER"]: each for each in tables(text)["LISTENER"]}
    assert set(listeners) == {f"127.0.0.2:{PORT}", "127.0.0.1:40000", f"[::1]:{PORT}"}
    assert listeners[f"127.0.0.2:{PORT}"]["ACCEPT QUEUE"] == "1/500"
    assert listeners[f"[::1]:{PORT}"]["TIME_WAIT"] == "15"
    assert listeners[f"[::1]:{PORT}"]["ESTAB"] == "1"
    host = text.splitlines()[-1]
    for words in ("400 (40000-40399)", "20", "1", "TIME_WAIT buckets 85 of 5,000", "tcp_tw_reuse 0"):
        assert words in host


def without_what_passes(text):
    """Rates and forecasts count seconds."""
    return [{name: cell for name, cell in row.items() if name not in ("ARRIVALS/s", "SUSTAINABLE/s", "RUNS OUT IN")}
            for table in tables(text).values() for row in table] + text.splitlines()[-1:]


def test_no_rights_are_needed(busy_host):
    by_root = timewait.table(env={"LC_ALL": "C"})
    by_nobody = timewait.table(env={"LC_ALL": "C"}, preexec_fn=drop_all_rights)
    assert without_what_passes(by_nobody) == without_what_passes(by_root)
    assert len(without_what_passes(by_root)) > 5
    assert timewait.read_snapshot(preexec_fn=drop_all_rights)["namespaces"][0]["poll"]["source"] == "netlink"


def test_no_rights_are_needed_for_a_diagnosis(busy_host):
    by_root, by_nobody = diagnoses({}, {"preexec_fn": drop_all_rights})
    assert by_nobody == by_root
    assert by_root["problems"] and by_root["harmless"]


def diagnoses(*ways):
    """Those with the audit, made in each of these ways; no rates, which count seconds."""
    for options in ways:
        run = timewait.run("diagnose", "--audit", "--json", **options)
        assert run.stderr == ""
        found = json.loads(run.stdout)
        assert run.returncode == found["exit_code"]
        yield found | {"written_at": None, "problems": [
            each | {"evidence": [figure for figure in each["evidence"] if "a second" not in figure]}
            for each in found["problems"]]}


def test_a_diagnosis_without_netlink(busy_host):
    netlink, procfs = diagnoses({}, {"preexec_fn": forbid_netlink})
    assert [each["kind"] for each in procfs["problems"]] == [each["kind"] for each in netlink["problems"]]
    assert not any("/proc/net/tcp" in each for each in netlink["unknown"])
    assert any("/proc/net/tcp" in each for each in procfs["unknown"])


def test_without_netlink(busy_host):
    netlink, procfs = peers(), peers(preexec_fn=forbid_netlink)
    assert [each["USED/CAPACITY"] for each in netlink] == [each["USED/CAPACITY"] for each in procfs]
    assert [each["TIME_WAIT"] for each in netlink] == [each["TIME_WAIT"] for each in procfs]
    listeners = tables(timewait.table(env={"LC_ALL": "C"}, preexec_fn=forbid_netlink))["LISTENER"]
    queues = {each["LISTENER"]: each["ACCEPT QUEUE"] for each in listeners}
    assert queues[f"127.0.0.2:{PORT}"] == "1"  # of no known limit


def test_the_audit_of_the_configuration_is_run(tmp_path, keep):
    """Ports held by bind() toward others are taken off at once."""
    netns.sysctl("ipv4.ip_local_port_range", "40000 40399")
    keep(*established(keep(listen("127.0.0.2", PORT))))
    elsewhere = keep(listen("127.0.0.3", PORT))
    for _ in range(30):
        client = keep(socket.socket())
        client.bind(("127.0.0.1", 0))
        client.connect(("127.0.0.3", PORT))
        keep(elsewhere.accept()[0])
    config = tmp_path / "timewait.yml"
    config.write_text("headroom: {audit: true}\n")
    assert {each["USED/CAPACITY"].split("/")[1] for each in peers()} == {"400"}
    found = "370" if kernel_features.can_be_asked_for_ports() else "400"
    assert {each["USED/CAPACITY"].split("/")[1] for each in peers(f"--config.file={config}")} == {found}


# --- Other network namespaces

class Other:
    """A namespace beside the test's, with a listener and connections to it."""

    def __init__(self, keep, connections):
        with netns.own() as here:
            netns.enter_fresh()
            self._file = keep(netns.own())
            netns.sysctl("ipv4.ip_local_port_range", "50000 50099")
            listener = keep(listen("127.0.0.7", PORT))
            for _ in range(connections):
                keep(*established(listener))
            netns.enter(here)
        self.path = f"/proc/{os.getpid()}/fd/{self._file.fileno()}"

    def entered(self):
        return netns.entered(self._file)


@pytest.fixture(name="other")
def _other(keep):
    return Other(keep, 12)


def test_a_namespace_is_shown_as_from_inside(other):
    with other.entered():
        inside = timewait.table()
    assert timewait.table("--netns", other.path) == inside != timewait.table()
    (peer,) = peers(f"--netns={other.path}")
    assert (peer["PEER"], peer["USED/CAPACITY"]) == (f"127.0.0.7:{PORT}", "12/100")


def test_a_namespace_that_ip_made():
    """By its name's path; mounts and all are the test's own."""
    script = """
        set -e
        mount -t tmpfs none /run
        ip netns add app
        ip netns exec app sysctl -qw net.ipv4.ip_local_port_range='50000 50099'
        "$0" --netns /run/netns/app
        ! "$0" --netns app
        ip netns delete app
        ! "$0" --netns /run/netns/app
        """
    result = subprocess.run(["unshare", "--mount", "sh", "-c", script, timewait.binary()], capture_output=True,
                            text=True, timeout=20, check=False)
    assert result.returncode == 0, result.stderr
    assert "(50000-50099)" in result.stdout
    by_name, gone = result.stderr.splitlines()
    assert "app: No such file or directory; --netns takes a path, such as /run/netns/app" in by_name
    assert gone.endswith("/run/netns/app: No such file or directory")


def config_with(tmp_path, **namespaces):
    file = tmp_path / "timewait.yml"
    file.write_text("network_namespaces:\n" + "".join(
        f"  - {{name: {name}, path: {path}}}\n" for name, path in namespaces.items()))
    return f"--config.file={file}"


def test_namespaces_of_the_configuration_are_sections(tmp_path, other, keep):
    keep(*established(keep(listen("127.0.0.3", PORT))))
    text = timewait.table(config_with(tmp_path, app=other.path, gone=f"{tmp_path}/nothing"))
    own, app = text.index(f"127.0.0.3:{PORT}"), text.index(f"127.0.0.7:{PORT}")
    assert own < text.index("app") < app
    # Above it all, what could not be read, and why.
    assert text.index("gone") < own and f"{tmp_path}/nothing: No such file or directory" in text.replace("\n", " ")


def test_a_diagnosis_tells_which_namespace_it_is_about(tmp_path, other, keep):
    with other.entered():
        server = keep(listen("127.0.0.8", PORT))
        for _ in range(95):
            keep(*established(server))
    result = timewait.run("diagnose", config_with(tmp_path, app=other.path, gone=f"{tmp_path}/nothing"), "--json")
    assert result.returncode == 4
    found = [(each["severity"], each["kind"], each["netns"], each["peer"])
             for each in json.loads(result.stdout)["problems"]]
    assert ("critical", "headroom", "app", f"127.0.0.8:{PORT}") in found
    assert ("warning", "namespace", "gone", None) in found
    assert all(netns for _, _, netns, _ in found)


@pytest.mark.parametrize("flags", [lambda tmp_path, path: ["--netns", path],
                                   lambda tmp_path, path: [config_with(tmp_path, app=path)]])
def test_what_to_type_is_about_the_namespace_that_the_problem_is_in(flags, tmp_path, other, keep):
    """As it stands, in the user's own: it changes and shows the other, and that alone."""
    with other.entered():
        server = keep(listen("127.0.0.8", PORT))
        for number in range(95):
            _, accepted = keep(*established(server))
            if number < 30:
                accepted.shutdown(socket.SHUT_WR)  # CLOSE_WAIT at the client's end
    before = netns.sysctl("ipv4.ip_local_port_range")
    found = json.loads(timewait.run("diagnose", *flags(tmp_path, other.path), "--json").stdout)
    commands = [line for each in found["problems"] for remedy in each["remedies"] for line in remedy["lines"]
                if re.search(r"\b(ss|sysctl|jstack|strace|nsenter) ", line)]
    assert commands and [line for line in commands if f"nsenter --net={other.path} " not in line] == []
    (widen,) = [line for line in commands if "ip_local_port_range" in line]
    (show,) = [line for line in commands if "state close-wait" in line]
    shown = subprocess.run(["sh", "-c", show], capture_output=True, text=True, timeout=10, check=True).stdout
    assert re.search(rf" 30 users:.*pid={os.getpid()}", shown)
    subprocess.run(["sh", "-c", widen], timeout=10, check=True, stdout=subprocess.DEVNULL)
    assert netns.sysctl("ipv4.ip_local_port_range") == before
    with other.entered():
        assert netns.sysctl("ipv4.ip_local_port_range").split() == ["15000", "64999"]


def test_where_one_is_named_the_others_are_left_out(tmp_path, other, keep):
    config = config_with(tmp_path, app=other.path)
    assert [each["name"] for each in timewait.read_snapshot(config)["namespaces"]] == ["", "app"]
    (namespace,) = timewait.read_snapshot(config, "--netns", other.path)["namespaces"]
    assert namespace["name"] == "" and namespace["host"]["ephemeral_ports"]["first"] == 50000


@pytest.mark.parametrize("command", [[], ["--json"], ["diagnose"]])
@pytest.mark.parametrize("path, words", [
    ("/nowhere/net", ["cannot open the network namespace /nowhere/net: No such file or directory"]),
    ("/etc/passwd", ["/etc/passwd is not a network namespace"]),
    ("/proc/self/ns/uts", ["/proc/self/ns/uts is not a network namespace"]),
])
def test_what_is_no_namespace(command, path, words):
    result = timewait.run(*command, "--netns", path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("timewait: ") and len(result.stderr.splitlines()) == 1
    for each in words:
        assert each in result.stderr


@pytest.mark.parametrize("drop, capability", [(drop_sys_admin, "CAP_SYS_ADMIN"), (drop_all_rights, "CAP_SYS_PTRACE")])
def test_a_namespace_that_may_not_be_entered(other, drop, capability):
    result = timewait.run("--netns", other.path, preexec_fn=drop)
    assert (result.returncode, result.stdout) == (1, "")
    assert other.path in result.stderr and capability in result.stderr


def test_its_own_namespace_needs_no_rights(busy_host):
    (first, _) = peers("--netns", "/proc/self/ns/net", preexec_fn=drop_all_rights)
    assert first["PEER"] == f"127.0.0.2:{PORT}"
