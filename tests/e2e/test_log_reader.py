"""Whoever reads the log may stall: it costs lines, and nothing waits for them."""

import fcntl

import pytest

from support import web_config
from support.exporter import Daemon
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

PIPE_BYTES = 4096  # the smallest
RELOADED = "timewait_exporter_config_last_reload_successful"
GOOD = "poll: {interval: 100ms}\n"
BROKEN = "peers:\n" + "  - {name: '', match: []}\n" * 40  # 20 problems are logged, of more than 100 bytes each


@pytest.fixture(name="file")
def _file(tmp_path):
    file = tmp_path / "timewait.yml"
    file.write_text(GOOD)
    return file


def fill_pipe(daemon, file):
    """Nobody reads what is logged from here on. A request is answered when its reload is logged."""
    fcntl.fcntl(daemon.process.stderr, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    file.write_text(BROKEN)
    for _ in range(10):
        assert daemon.get("/-/reload", "POST")[0] == 500
    file.write_text(GOOD)


def lost_lines(log):
    return [int(line.rsplit("lines=", 1)[1]) for line in log.splitlines() if "lines of the log are lost" in line]


def test_reloads_go_on_and_the_log_says_how_many_lines_are_lost(file):
    with Daemon(f"--config.file={file}", "--web.enable-lifecycle") as daemon:
        fill_pipe(daemon, file)
        assert daemon.get("/-/reload", "POST")[0] == 200
        first = daemon.process.stderr.readline()  # and what the pipe has, for which the reader has room
        daemon.scrape_after_poll()
        code, log = daemon.stop()
    assert code == 0
    assert "configuration not reloaded" in first
    written = log.count("configuration not reloaded") + 1
    assert written + sum(lost_lines(log)) >= 10 * 21
    assert all(line.startswith("ts=") for line in log.splitlines())


def test_polls_go_on(file, tmp_path):
    """The thread that polls has something to say, too: a namespace is missing."""
    with Daemon(f"--config.file={file}", "--web.enable-lifecycle") as daemon:
        fill_pipe(daemon, file)
        file.write_text(GOOD + f"network_namespaces:\n  - {{name: app, path: {tmp_path}/nothing}}\n")
        assert daemon.get("/-/reload", "POST")[0] == 200
        polls = daemon.scrape().get("timewait_exporter_polls_total")
        wait_for(lambda: daemon.scrape().get("timewait_exporter_polls_total") >= polls + 5)


def test_clients_are_served(file, tmp_path):
    """The thread that serves them says that the web configuration went bad."""
    web = web_config.write(tmp_path / "web.yml", basic_auth_users={})
    with Daemon(f"--config.file={file}", f"--web.config.file={web}", "--web.enable-lifecycle") as daemon:
        fill_pipe(daemon, file)
        web.write_text("unheard_of: 1\n")
        wait_for(lambda: daemon.scrape().get(RELOADED) == 0)
        web_config.write(web, basic_auth_users={})
        wait_for(lambda: daemon.scrape().get(RELOADED) == 1)
