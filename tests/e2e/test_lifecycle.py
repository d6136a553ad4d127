"""POST /-/reload: as SIGHUP, and the reply says what came of it."""

import pytest

from support import web_config
from support.exporter import Daemon

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")


@pytest.fixture(name="file")
def _file(tmp_path):
    file = tmp_path / "timewait.yml"
    file.write_text("peers:\n  - {name: first, match: [{port: 80}]}\n")
    return file


def peers(daemon):
    """The configured ones; a discovered one, as this test's own connections, is called address:port."""
    shown = daemon.scrape().label_values("timewait_outbound_ports_used", "peer")
    return {name for name in shown if ":" not in name}


def reload_success(daemon):
    return daemon.scrape().get("timewait_exporter_config_last_reload_successful")


def test_a_changed_file_is_in_force_when_the_reply_comes(file):
    with Daemon(f"--config.file={file}", "--web.enable-lifecycle") as daemon:
        assert peers(daemon) == {"first"}
        file.write_text("peers:\n  - {name: second, match: [{port: 80}]}\n")
        assert daemon.get("/-/reload", method="POST")[::2] == (200, b"Reloaded.\n")
        daemon.scrape_after_poll()
        assert peers(daemon) == {"second"}
        assert reload_success(daemon) == 1


def test_a_file_that_has_not_changed_makes_no_poll(file):
    """Each reload would wait for the poll that the one before has begun."""
    file.write_text(file.read_text() + "poll: {interval: 60s}\n")
    with Daemon(f"--config.file={file}", "--web.enable-lifecycle") as daemon:
        polls = daemon.scrape().get("timewait_exporter_polls_total")
        for _ in range(3):
            assert daemon.get("/-/reload", method="POST")[0] == 200
        assert daemon.scrape().get("timewait_exporter_polls_total") == polls


def test_a_bad_file_changes_nothing_and_the_reply_says_why(file):
    with Daemon(f"--config.file={file}", "--web.enable-lifecycle") as daemon:
        file.write_text("peers:\n  - {name: second, match: [{prot: 80}]}\npol: {}\n")
        status, _, body = daemon.get("/-/reload", method="POST")
        assert status == 500
        lines = body.decode().splitlines()
        assert lines[0] == "Not reloaded; the configuration before stays."
        assert lines[1].startswith(f"{file}:2:") and "prot" in lines[1]
        assert lines[2].startswith(f"{file}:3:1: pol: ")
        assert reload_success(daemon) == 0
        assert peers(daemon) == {"first"}
        file.write_text("")
        assert daemon.get("/-/reload", method="POST")[0] == 200
        assert reload_success(daemon) == 1


def test_without_the_flag_nobody_may_ask(file):
    with Daemon(f"--config.file={file}") as daemon:
        file.write_text("peers: []\n")
        status, _, body = daemon.get("/-/reload", method="POST")
        assert status == 403 and b"--web.enable-lifecycle" in body
        daemon.scrape_after_poll()
        assert peers(daemon) == {"first"}


@pytest.mark.parametrize("flags", [[], ["--web.enable-lifecycle"]])
def test_only_post_reloads(flags):
    with Daemon(*flags) as daemon:
        before = daemon.scrape().get("timewait_exporter_config_last_reload_success_timestamp_seconds")
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            status, headers, _ = daemon.get("/-/reload", method=method)
            assert (status, headers["Allow"]) == (405, "POST"), method
        assert daemon.scrape().get(
            "timewait_exporter_config_last_reload_success_timestamp_seconds") == before


def test_who_has_no_password_may_not_ask(tmp_path, file):
    web = web_config.write(tmp_path / "web.yml", basic_auth_users={"alice": web_config.bcrypt("wonderland")})
    with Daemon(f"--config.file={file}", f"--web.config.file={web}", "--web.enable-lifecycle") as daemon:
        alice = web_config.basic("alice", "wonderland")
        assert daemon.get("/-/reload", method="POST")[0] == 401
        assert daemon.get("/-/reload", method="POST", headers=alice)[0] == 200
        assert daemon.get("/-/reload", method="GET", headers=alice)[0] == 405
        web.write_text("basic_auth_users: {alice: secret}\n")
        status, _, body = daemon.get("/-/reload", method="POST", headers=alice)
        assert status == 500 and f"{web}:1:".encode() in body and b"secret" not in body
