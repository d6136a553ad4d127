"""What the daemon tells the service manager that has started it: sd_notify(3)."""

import os
import signal
import socket
import time

import pytest

from support import netns, web_config
from support.exporter import Daemon
from support.service_manager import ServiceManager
from support.sockets import client_time_wait, listen
from support.stuck_thread import held_in
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

WATCHDOG = 0.6


@pytest.fixture(name="manager")
def _manager(tmp_path):
    with ServiceManager(tmp_path) as manager:
        yield manager


@pytest.fixture(name="watchdog")
def _watchdog(tmp_path):
    with ServiceManager(tmp_path, watchdog=WATCHDOG) as manager:
        yield manager


@pytest.fixture(name="file")
def _file(tmp_path):
    file = tmp_path / "timewait.yml"
    file.write_text("poll: {interval: 100ms}\n")
    return file


def test_ready_means_that_it_serves_figures(manager):
    # Nothing but the message is waited for: what it promises holds at once.
    with Daemon(env=manager.environment) as daemon:
        manager.wait_for("READY=1")
        assert daemon.get("/-/ready")[0] == 200


def test_it_says_that_it_stops(manager):
    with Daemon(env=manager.environment) as daemon:
        manager.wait_for("READY=1")
        assert daemon.stop()[0] == 0
        assert manager.wait_for("STOPPING=1")


def test_nothing_is_ready_that_did_not_start(manager, keep):
    taken = keep(socket.create_server(("127.0.0.1", 0)))
    with pytest.raises(AssertionError, match="never listened"):
        Daemon(listen=f"127.0.0.1:{taken.getsockname()[1]}", env=manager.environment)
    assert not [message for message in manager.received_in(0.1) if "READY" in message]


def test_the_status_tells_of_the_tightest_peer(manager, file, keep):
    listener = keep(listen("127.0.0.1", 8080))
    with Daemon(f"--config.file={file}", env=manager.environment):
        manager.wait_for("STATUS=No connection to any peer.")
        client_time_wait(listener, 5)
        assert manager.wait_for("STATUS=The only peer") == \
            "STATUS=The only peer, 127.0.0.1:8080, has 99 % of its ports left."
        # Polls go on, and nothing changes that is worth a message.
        assert manager.received_in(0.5) == []


def test_a_reload_is_announced_and_ends(manager, file):
    with Daemon(f"--config.file={file}", env=manager.environment) as daemon:
        manager.wait_for("READY=1")
        before = time.monotonic_ns() // 1000
        daemon.process.send_signal(signal.SIGHUP)
        reloading = manager.wait_for("RELOADING=1").split("\n")
        assert before <= int(reloading[1].removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000
        manager.wait_for("READY=1")


def test_a_refused_configuration_is_told(manager, file):
    with Daemon(f"--config.file={file}", env=manager.environment) as daemon:
        manager.wait_for("READY=1")
        file.write_text("pol: {}\n")
        daemon.process.send_signal(signal.SIGHUP)
        manager.wait_for("RELOADING=1")
        assert "the one before is still in force" in manager.wait_for("STATUS=The last reload")
        manager.wait_for("READY=1")
        file.write_text("")
        daemon.process.send_signal(signal.SIGHUP)
        manager.wait_for("STATUS=No connection")
        assert daemon.scrape().get("timewait_exporter_config_last_reload_successful") == 1


def test_a_failing_poll_is_told(manager, file):
    file.write_text("poll: {interval: 100ms}\nnetwork_namespaces: [{name: app, path: /run/netns/not-there}]\n")
    with Daemon(f"--config.file={file}", env=manager.environment):
        assert "app" in manager.wait_for("STATUS=No poll")


def test_the_watchdog_hears_of_it_between_polls_that_are_far_apart(watchdog, file):
    file.write_text("poll: {interval: 60s}\n")
    with Daemon(f"--config.file={file}", env=watchdog.environment):
        watchdog.wait_for("READY=1")
        pings = watchdog.received_in(3 * WATCHDOG).count("WATCHDOG=1")
        assert 5 <= pings <= 18  # three in each time, and no more than six


def test_a_stopped_process_is_silent(watchdog):
    with Daemon(env=watchdog.environment) as daemon:
        watchdog.wait_for("WATCHDOG=1")
        daemon.process.send_signal(signal.SIGSTOP)
        wait_for(lambda: b"State:\tT" in open(f"/proc/{daemon.process.pid}/status", "rb").read())
        watchdog.drain()
        assert watchdog.received_in(2 * WATCHDOG) == []
        daemon.process.send_signal(signal.SIGCONT)
        watchdog.wait_for("WATCHDOG=1")


def test_a_poll_that_is_stuck_is_silent(watchdog, file):
    with Daemon(f"--config.file={file}", env=watchdog.environment) as daemon:
        watchdog.wait_for("WATCHDOG=1")
        with held_in("recvmsg", daemon.process.pid):  # of what the kernel says
            watchdog.drain()
            assert watchdog.received_in(2 * WATCHDOG) == []
            assert daemon.get("/-/healthy")[0] == 200
        watchdog.wait_for("WATCHDOG=1")


def test_answers_that_are_stuck_are_noticed(watchdog, file):
    file.write_text("poll: {interval: 60s}\n")
    with Daemon(f"--config.file={file}", env=watchdog.environment) as daemon:
        watchdog.wait_for("WATCHDOG=1")
        client = daemon.connection()
        with held_in("openat", daemon.process.pid, provoke=lambda: client.request("GET", "/metrics")):
            watchdog.received_in(WATCHDOG)  # what is slow is not yet stuck
            assert watchdog.received_in(2 * WATCHDOG) == []
        watchdog.wait_for("WATCHDOG=1")
        assert client.getresponse().status == 200


def test_a_flood_of_passwords_is_no_alarm(watchdog, tmp_path):
    """Each takes as long as the watchdog waits, and there are always some to be checked."""
    file = web_config.write(tmp_path / "web.yml", basic_auth_users={"user": web_config.bcrypt("secret", cost=13)})
    with Daemon(f"--web.config.file={file}", env=watchdog.environment) as daemon:
        watchdog.wait_for("READY=1")
        clients = [daemon.connection() for _ in range(20)]
        for number, client in enumerate(clients):
            client.request("GET", "/metrics", headers=web_config.basic("user", f"guess {number}"))
        pings = watchdog.received_in(3 * WATCHDOG).count("WATCHDOG=1")
        assert pings >= 5
        for client in clients:
            client.close()


def test_a_manager_that_reads_nothing_holds_up_no_poll(tmp_path, file):
    netns.sysctl("unix.max_dgram_qlen", 1)
    with ServiceManager(tmp_path) as manager, \
            Daemon(f"--config.file={file}", "--web.enable-lifecycle", env=manager.environment) as daemon:
        for _ in range(2):  # each says several things
            assert daemon.get("/-/reload", method="POST")[0] == 200
        daemon.scrape_after_poll()


def test_without_a_manager_it_opens_no_socket_for_one():
    environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
    with Daemon(env=environment) as daemon, open("/proc/net/unix", encoding="ascii") as unix:
        inodes = {line.split()[6] for line in unix.read().splitlines()[1:]}
        links = [os.readlink(f"/proc/{daemon.process.pid}/fd/{fd}")
                 for fd in os.listdir(f"/proc/{daemon.process.pid}/fd")]
        assert not [link for link in links if link.startswith("socket:[") and link[8:-1] in inodes]
