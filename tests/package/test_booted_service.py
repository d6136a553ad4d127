"""The service in a booted Debian 12: under its sandbox, through failures, and with each drop-in."""

import os
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import web_config
from support.certificates import Authority
from support.service import NAME, PORT, Service
from support.sockets import client_time_wait, established, listen
from support.waiting import wait_for

PEER = "127.0.0.1:8080"
CAP_SYS_ADMIN, CAP_SYS_PTRACE = 1 << 21, 1 << 19


@pytest.fixture(scope="module", name="machine")
def _machine(debian):
    debian.run("dpkg", "--install", "/package.deb")
    return debian


@pytest.fixture(name="service")
def _service(machine):
    """Running as it is installed; it is afterwards, too."""
    service = Service(machine)
    shipped = service.config.read_text()
    service.systemctl("reset-failed")
    yield service
    service.reset(shipped)


@pytest.fixture(name="connections")
def _connections(keep):
    """Seven in TIME_WAIT and one open: toward whom."""
    listener = keep(listen("127.0.0.1"))
    client_time_wait(listener, 7)
    keep(*established(listener))
    return f"127.0.0.1:{listener.getsockname()[1]}"


def test_it_is_up_and_enabled(service):
    assert service.systemctl("is-enabled") == "enabled"
    assert service.systemctl("is-active") == "active"
    assert service.show("StatusText") != ""
    journal = service.journal()
    assert "listening" in journal and "level=warn" not in journal and "level=error" not in journal


def test_its_sandbox(service):
    status = service.process_status()
    assert (status["CapBnd"], status["CapEff"], status["CapAmb"]) == ("0" * 16,) * 3
    assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")
    user = int(status["Uid"].split()[0])
    assert 61184 <= user <= 65519  # one of its own, for as long as it runs


def test_its_sandbox_shows_it_no_home_and_lets_it_write_nowhere(machine, service):
    process = service.main_pid()
    inside = ("nsenter", f"--target={process}", "--mount")
    for folder in "/", "/etc", "/usr", "/var", "/var/lib", "/etc/timewait_exporter":
        written = machine.call(*inside, "touch", f"{folder}/written")
        assert written.returncode == 1 and "Read-only file system" in written.stderr, folder
    machine.run("mkdir", "-p", "/home/somebody")
    assert machine.run(*inside, "find", "/home", "/root", "-mindepth", "1") == ""
    machine.run(*inside, "touch", "/tmp/written")  # its own
    assert machine.call("test", "-e", "/tmp/written").returncode == 1
    users = machine.run("cat", f"/proc/{process}/uid_map")
    assert users and users != machine.run("cat", "/proc/self/uid_map")


def test_its_figures_are_those_of_the_host(service, connections):
    def figures():
        now = service.scrape()
        return (now.get("timewait_outbound_sockets", peer=connections, state="time_wait"),
                now.get("timewait_outbound_sockets", peer=connections, state="established"),
                now.get("timewait_outbound_ports_used", peer=connections))
    wait_for(lambda: figures() == (7, 1, 8))
    assert service.scrape().get("timewait_exporter_source_info", source="netlink") == 1
    wait_for(lambda: "of its ports left" in service.show("StatusText"))


def test_it_answers_its_own_health_check(machine, service):
    assert machine.call("timewait_exporter", "--healthcheck").returncode == 0
    service.systemctl("stop")
    assert machine.call("timewait_exporter", "--healthcheck").returncode == 1


def test_a_reload_takes_a_changed_configuration(service):
    process = service.main_pid()
    service.config.write_text("peers:\n  - {name: tomcat, match: [{port: 8080}]}\n")
    service.systemctl("reload")
    wait_for(lambda: service.scrape().get("timewait_outbound_ports_used", peer="tomcat") is not None)
    assert service.main_pid() == process
    assert service.show("ActiveState") == "active"


def test_a_reload_of_a_bad_configuration_fails_and_the_old_one_goes_on(machine, service):
    service.config.write_text("peers:\n  - {name: tomcat, match: [{port: 8080}]}\n")
    service.systemctl("reload")
    process = service.main_pid()
    service.config.write_text("pears: []\n")
    reloaded = machine.call("systemctl", "reload", NAME)
    assert reloaded.returncode != 0
    assert "config.yml:1:1: pears" in service.journal()
    wait_for(lambda: service.scrape().get("timewait_exporter_config_last_reload_successful") == 0)
    wait_for(lambda: "reload of the configuration failed" in service.show("StatusText"))
    assert service.scrape().get("timewait_outbound_ports_used", peer="tomcat") is not None
    assert (service.main_pid(), service.show("ActiveState")) == (process, "active")
    service.config.write_text("")
    service.systemctl("reload")
    wait_for(lambda: service.scrape().get("timewait_exporter_config_last_reload_successful") == 1)


def test_it_does_not_start_again_and_again_with_a_bad_configuration(machine, service):
    service.config.write_text("pears: []\n")
    assert machine.call("systemctl", "restart", NAME).returncode != 0
    assert (service.show("ActiveState"), service.show("ExecMainStatus"), service.restarts()) == ("failed", "2", 0)


def test_a_kill_is_followed_by_a_restart(service):
    before = service.main_pid()
    service.kill("KILL")
    wait_for(lambda: service.main_pid() not in (0, before) and service.show("ActiveState") == "active")
    assert service.restarts() == 1
    assert service.scrape().get("timewait_exporter_poll_success") == 1


def test_the_watchdog_restarts_it_when_it_hangs(service):
    service.start_with(short="[Service]\nWatchdogSec=2s\n")
    before = service.main_pid()
    service.kill("STOP")
    wait_for(lambda: service.main_pid() not in (0, before) and service.show("ActiveState") == "active", timeout=60)
    assert service.restarts() == 1
    assert "Watchdog timeout" in service.journal()
    assert service.scrape().get("timewait_exporter_poll_success") == 1


def test_the_watchdog_lets_it_live_while_it_goes_on(service):
    service.config.write_text("poll: {interval: 60s}\n")
    service.start_with(short="[Service]\nWatchdogSec=1s\n")
    started = int(service.show("WatchdogTimestampMonotonic"))
    wait_for(lambda: int(service.show("WatchdogTimestampMonotonic")) > started + 4_000_000, pause=0.2)
    assert service.restarts() == 0


def test_the_socket_drop_in(machine, service, connections):
    service.config.write_text("headroom: {audit: true}\npoll: {interval: 500ms}\n")
    service.start_with("socket")  # over the running one, whose port it is
    assert machine.run("systemctl", "is-active", "timewait_exporter.socket") == "active"
    wait_for(lambda: service.scrape().get("timewait_outbound_ports_used", peer=connections) == 8)
    # It can open no socket of its own that reaches a network, and says so.
    wait_for(lambda: "ports cannot be audited" in service.journal())


def test_no_client_is_refused_while_what_the_socket_starts_restarts(service):
    """They wait: those that ask all the time meanwhile, and the one that asks when it is stopped."""
    service.start_with("socket")
    before = service.main_pid()
    with ThreadPoolExecutor() as clients:
        restarted = clients.submit(service.systemctl, "restart")
        answers = [service.scrape()]
        while not restarted.done():
            answers.append(service.scrape())
        restarted.result()
    assert service.main_pid() not in (0, before)
    service.systemctl("stop")
    answers.append(service.scrape())
    assert {answer.get("timewait_exporter_poll_success") for answer in answers} == {1}


@pytest.fixture(name="namespace")
def _namespace(machine):
    machine.run("mkdir", "-p", "/run/netns")
    machine.run("touch", "/run/netns/app")
    machine.run("unshare", "--net=/run/netns/app", "true")
    yield "/run/netns/app"
    machine.run("umount", "/run/netns/app")
    machine.run("rm", "/run/netns/app")


def figures_of(service, netns):
    """(whether the last poll of it succeeded, its sockets in TIME_WAIT toward PEER)"""
    now = service.scrape()
    return (now.get("timewait_exporter_poll_success", netns=netns),
            now.get("timewait_outbound_sockets", netns=netns, peer=PEER, state="time_wait"))


@pytest.fixture(name="connections_inside")
def _connections_inside(machine, namespace, keep):
    """Three in TIME_WAIT toward PEER."""
    machine.enter_network(namespace)
    try:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        client_time_wait(keep(listen("127.0.0.1", 8080)), 3)
    finally:
        machine.enter_network()


@pytest.mark.usefixtures("connections_inside")
def test_the_namespaces_drop_in(service, namespace):
    service.config.write_text(f"poll: {{interval: 500ms}}\nnetwork_namespaces: [{{name: app, path: {namespace}}}]\n")
    service.systemctl("restart")
    wait_for(lambda: figures_of(service, "app") == (0, None))
    service.start_with("namespaces")
    wait_for(lambda: figures_of(service, "app") == (1, 3))
    status = service.process_status()
    assert int(status["CapBnd"], 16) == int(status["CapEff"], 16) == CAP_SYS_ADMIN
    assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")


@pytest.mark.usefixtures("connections_inside")
def test_the_drop_in_for_namespaces_of_processes(machine, service, namespace):
    machine.run("systemd-run", "--unit=app", "--property=User=nobody", f"--property=NetworkNamespacePath={namespace}",
                "sleep", "infinity")
    try:
        process = machine.run("systemctl", "show", "--property=MainPID", "--value", "app.service")
        service.config.write_text(f"poll: {{interval: 500ms}}\n"
                                  f"network_namespaces: [{{name: app, path: /proc/{process}/ns/net}}]\n")
        service.start_with("namespaces")
        wait_for(lambda: figures_of(service, "app") == (0, None))
        service.start_with("namespaces-of-processes")
        wait_for(lambda: figures_of(service, "app") == (1, 3))
        assert int(service.process_status()["CapEff"], 16) == CAP_SYS_ADMIN | CAP_SYS_PTRACE
        service.config.write_text("poll: {interval: 500ms}\nnetwork_namespaces: [{discover: true}]\n")
        service.systemctl("reload")
        wait_for(lambda: [labels for labels in service.scrape().series("timewait_outbound_sockets")
                          if ("peer", PEER) in labels and "netns" in dict(labels)])
    finally:
        machine.run("systemctl", "stop", "app.service")


def test_the_log_file_drop_in(machine, service):
    service.start_with("log-file")
    log = machine.root / "var/log/timewait_exporter.log"
    assert "listening" in log.read_text()
    service.systemctl("restart")
    assert log.read_text().count("listening") == 2
    log.unlink()


def _certificate_served():
    return ssl.get_server_certificate(("127.0.0.1", PORT), timeout=10)


def test_the_tls_drop_in(machine, service, tmp_path):
    authority = Authority(tmp_path / "authority")
    folder = machine.root / "etc/timewait_exporter"
    certificate, key = authority.issue("server")
    files = {"tls.crt": certificate.read_text(), "tls.key": key.read_text()}
    web_config.write(folder / "web-config.yml", tls_server_config=web_config.tls("tls.crt", "tls.key"),
                     basic_auth_users={"user": web_config.bcrypt("secret")})
    for name, text in files.items():
        (folder / name).write_text(text)
    for name in [*files, "web-config.yml"]:
        os.chmod(folder / name, 0o600)
    try:
        service.start_with("tls")
        assert service.scrape(tls=authority.trusted_by(), **web_config.basic("user", "secret"))
        nice = machine.run("sh", "-c", f"cut -d' ' -f19 /proc/{service.main_pid()}/task/*/stat").split()
        assert nice.count("19") == 1  # who checks passwords
        service.systemctl("reload")
        service.start_with("socket")  # and both together
        assert service.scrape(tls=authority.trusted_by(), **web_config.basic("user", "secret"))
        certificate, key = authority.issue("server")
        (folder / "tls.crt").write_text(certificate.read_text())
        (folder / "tls.key").write_text(key.read_text())
        service.systemctl("reload")
        wait_for(lambda: _certificate_served() == certificate.read_text(), pause=0.2)
        (folder / "web-config.yml").write_text("spoilt: 1\n")
        assert machine.call("systemctl", "reload", NAME).returncode != 0
        assert service.scrape(tls=authority.trusted_by(), **web_config.basic("user", "secret"))
    finally:
        for name in [*files, "web-config.yml"]:
            (folder / name).unlink()


def test_the_scraper_only_drop_in_starts(service):
    service.start_with("scraper-only")
    assert service.scrape().get("timewait_exporter_poll_success") == 1
