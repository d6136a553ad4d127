"""SIGHUP: a configuration is taken whole or not at all, and no scrape notices."""

import http.client
import os
import signal
import threading
import time

import pytest

from support.exporter import Daemon
from support.sockets import client_time_wait, established, listen
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

SCRAPES_A_SECOND = 200
PORT = 8080


def naming(name, more=""):
    return f"poll: {{interval: 500ms}}\npeers:\n  - name: {name}\n    match: [{{port: {PORT}}}]\n{more}"


@pytest.fixture(name="file")
def _file(tmp_path):
    return tmp_path / "timewait.yml"


@pytest.fixture(name="daemon")
def _daemon(file, keep):
    listener = keep(listen("127.0.0.1", PORT))
    keep(*established(listener))
    client_time_wait(listener, 7)
    file.write_text(naming("first"))
    with Daemon(f"--config.file={file}") as daemon:
        yield daemon


class Scraper(threading.Thread):
    """Scrapes at a steady pace until it is stopped; what went wrong is in `failures`."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self._daemon, self._ended = daemon, threading.Event()
        self.failures, self.scrapes = [], 0

    def run(self):
        connection = http.client.HTTPConnection(self._daemon.host, self._daemon.port, timeout=10)
        begin = time.monotonic()
        while not self._ended.is_set():
            try:
                connection.request("GET", "/metrics")
                response = connection.getresponse()
                body = response.read()
                if response.status != 200 or b"timewait_outbound_ports_used{" not in body:
                    self.failures.append((response.status, body[:200]))
            except OSError as error:
                self.failures.append(error)
                connection.close()
            self.scrapes += 1
            time.sleep(max(0.0, begin + self.scrapes / SCRAPES_A_SECOND - time.monotonic()))
        connection.close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self.join()


def reload(daemon):
    """Sends SIGHUP and waits until it was dealt with: (successful, when the last success was)."""
    before = daemon.scrape()

    def outcome():
        now = daemon.scrape()
        return (now.get("timewait_exporter_config_last_reload_successful"),
                now.get("timewait_exporter_config_last_reload_success_timestamp_seconds"))

    was = (before.get("timewait_exporter_config_last_reload_successful"),
           before.get("timewait_exporter_config_last_reload_success_timestamp_seconds"))
    daemon.process.send_signal(signal.SIGHUP)
    return wait_for(lambda: outcome() if outcome() != was else None)


def names(daemon):
    """Of the configured peers: discovered ones are called address:port."""
    shown = daemon.scrape_after_poll().label_values("timewait_outbound_ports_used", "peer")
    return {name for name in shown if ":" not in name}


def test_good_bad_missing_and_half_written_files(daemon, file):
    with Scraper(daemon) as scraper:
        for turn in range(5):
            good = f"good-{turn}"
            file.write_text(naming(good))
            assert reload(daemon)[0] == 1
            assert names(daemon) == {good}

            whole = naming("never", "listeners:\n  - name: web\n    match: [{port: 80}]\n")
            wrong = [naming("bad", "unheard_of: 1\n"), whole[:whole.index("80")], ""][turn % 3]
            if turn % 3 == 2:
                file.unlink()
            else:
                file.write_text(wrong)
            assert reload(daemon)[0] == 0
            assert names(daemon) == {good}
    assert scraper.failures == []
    assert scraper.scrapes > SCRAPES_A_SECOND * 2
    code, log = daemon.stop()
    assert code == 0
    assert log.count("configuration reloaded") == 5
    assert "unheard_of" in log and "timewait.yml:5:1" in log
    assert "No such file" in log


def test_counters_of_peers_that_stay_go_on(daemon, file, keep):
    counter = "timewait_outbound_time_wait_entered_total"
    assert daemon.scrape().get(counter, peer="first") == 7
    file.write_text(naming("first", "  - name: second\n    match: [{port: 1}]\n"))
    assert reload(daemon)[0] == 1
    assert daemon.scrape_after_poll().get(counter, peer="first") == 7
    assert daemon.scrape().get(counter, peer="second") == 0


def test_the_poll_interval_and_the_limit_change(daemon, file):
    file.write_text("poll: {interval: 30s}\ndiscovery: {max_peers: 3}\n")
    assert reload(daemon)[0] == 1
    exposition = wait_for(lambda: (lambda e: e if e.get("timewait_peers_limit") == 3 else None)(daemon.scrape()))
    assert exposition.get("timewait_exporter_poll_interval_configured_seconds") == 30
    assert f"127.0.0.1:{PORT}" in exposition.label_values("timewait_outbound_ports_used", "peer")
    assert exposition.get("timewait_outbound_ports_used", peer="first") is None


def test_without_a_file_there_is_nothing_to_reload():
    with Daemon() as daemon:
        assert reload(daemon)[0] == 1
        code, log = daemon.stop()
    assert code == 0 and "configuration reloaded" in log


def test_a_stopped_process_goes_on(daemon):
    """Its polls were late, and are not made up for; the age shows meanwhile to who can ask."""
    before = daemon.scrape_after_poll()
    os.kill(daemon.process.pid, signal.SIGSTOP)
    time.sleep(3)
    os.kill(daemon.process.pid, signal.SIGCONT)
    after = daemon.scrape_after_poll()
    polls = [each.get("timewait_exporter_polls_total") for each in (before, after)]
    assert polls[1] - polls[0] <= 5  # of 500 ms; six were missed
    assert after.get("timewait_exporter_poll_success") == 1
    moments = [each.get("timewait_exporter_last_poll_timestamp_seconds") for each in (before, after)]
    assert moments[1] - moments[0] > 3
