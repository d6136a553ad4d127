"""The running daemon, as its clients and its operator see it."""

import contextlib
import errno
import glob
import gzip
import json
import math
import os
import re
import resource
import signal
import socket
import time

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from support.exporter import Daemon
from support.sandbox import fail_to_receive
from support.sockets import client_time_wait, listen
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

OPENMETRICS = "application/openmetrics-text;version=1.0.0"


@pytest.fixture
def daemon():
    with Daemon() as running:
        yield running


def config_file(directory, text):
    file = directory / "config.yml"
    file.write_text(text)
    return f"--config.file={file}"


def test_text_format(daemon):
    status, headers, body = daemon.get()
    assert status == 200
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert int(headers["Content-Length"]) == len(body)


def test_openmetrics(daemon, keep):
    client_time_wait(keep(listen("127.0.0.1", 8080)), 2)
    daemon.scrape_after_poll()
    status, headers, body = daemon.get(headers={"Accept": OPENMETRICS})
    assert status == 200
    assert headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    families = {family.name: family for family in text_string_to_metric_families(body.decode())}
    assert families["timewait_outbound_sockets"].type == "gauge"
    assert families["timewait_exporter_polls"].type == "counter"
    assert families["timewait_exporter_poll_duration_seconds"].type == "histogram"


def test_both_formats_have_the_same_series(tmp_path):
    with Daemon(config_file(tmp_path, "poll: {interval: 60s}")) as daemon:
        text = daemon.scrape().samples
        body = daemon.get(headers={"Accept": OPENMETRICS})[2].decode()
        openmetrics = {(sample.name, frozenset(sample.labels.items())): sample.value
                       for family in text_string_to_metric_families(body)
                       for sample in family.samples}
        assert text.keys() == openmetrics.keys()
        moving = ("process_", "timewait_exporter_poll_duration")
        assert all(openmetrics[key] == value for key, value in text.items()
                   if not key[0].startswith(moving))


def test_gzip(daemon):
    _, headers, body = daemon.get(headers={"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in headers["Vary"]
    assert b"timewait_exporter_build_info" in gzip.decompress(body)
    assert "Content-Encoding" not in daemon.get(headers={"Accept-Encoding": "gzip;q=0"})[1]


def test_head(daemon):
    status, headers, body = daemon.get(method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 1000


def test_the_other_endpoints(daemon):
    assert daemon.get("/-/healthy")[0] == 200
    assert daemon.get("/-/ready")[0] == 200
    status, headers, body = daemon.get("/")
    assert status == 200 and headers["Content-Type"].startswith("text/html")
    assert b'href="/metrics"' in body
    for path in ("/metrics/", "/metricsx", "/x", "/-/", "//", "/../metrics", "/%2e"):
        assert daemon.get(path)[0] == 404, path
    assert daemon.get("/metrics?collect[]=x")[0] == 200
    status, headers, _ = daemon.get(method="POST")
    assert status == 405 and headers["Allow"] == "GET, HEAD"


def test_telemetry_path():
    with Daemon("--web.telemetry-path=/other") as daemon:
        assert daemon.get("/other")[0] == 200
        assert daemon.get("/metrics")[0] == 404
        assert b'href="/other"' in daemon.get("/")[2]


@pytest.mark.parametrize("address, reached_at", [
    ("127.0.0.1:0", ["127.0.0.1"]), ("[::1]:0", ["::1"]), (":0", ["127.0.0.1", "::1"]),
    ("0.0.0.0:0", ["127.0.0.1"])])
def test_listen_addresses(address, reached_at):
    with Daemon(listen=address) as daemon:
        for host in reached_at:
            daemon.host = host
            assert daemon.get()[0] == 200


def test_several_listen_addresses():
    with Daemon("--web.listen-address=127.0.0.2:9001", "--web.listen-address=[::1]:9001") as daemon:
        for host, port in ((daemon.host, daemon.port), ("127.0.0.2", 9001), ("::1", 9001)):
            daemon.host, daemon.port = host, port
            assert wait_for(lambda: daemon.get()[0] == 200)


def test_a_scrape_never_polls(tmp_path):
    with Daemon(config_file(tmp_path, "poll: {interval: 60s}")) as daemon:
        for _ in range(50):
            daemon.get()
        assert daemon.scrape().get("timewait_exporter_polls_total") == 1


def test_polls_keep_their_pace(tmp_path):
    with Daemon(config_file(tmp_path, "poll: {interval: 200ms, max_cpu: 100%}")) as daemon:
        def reading():
            return daemon.scrape().get("timewait_exporter_polls_total")
        first = wait_for(lambda: reading() >= 2 and reading())
        started = time.monotonic()
        last = wait_for(lambda: (lambda now: now if now >= first + 20 else None)(reading()), timeout=30)
        elapsed = time.monotonic() - started
        # Deadlines are absolute: 20 intervals are 4 s, however long each poll takes.
        assert abs(elapsed - (last - first) * 0.2) < 0.5


def test_figures_follow_the_kernel(tmp_path, keep):
    with Daemon(config_file(tmp_path, "poll: {interval: 100ms}")) as daemon:
        assert daemon.scrape().get("timewait_peers") == 0
        client_time_wait(keep(listen("127.0.0.1", 8080)), 3)
        wait_for(lambda: daemon.scrape().get(
            "timewait_outbound_sockets", peer="127.0.0.1:8080", state="time_wait") == 3)


def test_silent_clients_do_not_stop_a_scrape_when_descriptors_are_few():
    def few_descriptors():
        resource.setrlimit(resource.RLIMIT_NOFILE, (26, 26))  # 6 connections for each address

    second = "--web.listen-address=127.0.0.2:9001"
    with Daemon(second, preexec_fn=few_descriptors) as daemon, contextlib.ExitStack() as silent:
        for _ in range(40):
            client = silent.enter_context(socket.create_connection((daemon.host, daemon.port)))
            client.sendall(b"GET /metr")
        assert daemon.get()[0] == 200


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_at_once_and_cleanly(how):
    with Daemon() as daemon:
        with socket.create_connection((daemon.host, daemon.port)) as idle:
            idle.sendall(b"GET /metr")  # a client in the middle of its request does not hold it up
            started = time.monotonic()
            code, log = daemon.stop(how)
        assert code == 0
        assert time.monotonic() - started < 1
        assert "stopping" in log and how.name in log


def test_a_log_reader_that_goes_away_does_not_end_it(daemon):
    daemon.process.stderr.close()
    daemon.process.send_signal(signal.SIGHUP)  # makes it write
    wait_for(lambda: daemon.get()[0] == 200)
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(timeout=10) == 0


def test_logfmt():
    with Daemon() as daemon:
        _, log = daemon.stop()
    for line in log.splitlines():
        assert re.fullmatch(r'ts=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=(info|warn) '
                            r'msg=("([^"\\]|\\.)*"|[^\s"=]+)( [a-z_]+=("([^"\\]|\\.)*"|[^\s"=]+))*',
                            line), line


def test_json_log():
    with Daemon("--log.format=json") as daemon:
        _, log = daemon.stop()
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["msg"] for line in lines] == ["starting timewait_exporter", "listening", "stopping"]
    assert all(line["level"] == "info" and line["ts"].endswith("Z") for line in lines)
    assert lines[1]["address"] == f"127.0.0.1:{daemon.port}"


def test_polls_that_cost_too_much_spread_out(tmp_path):
    """A poll takes a good part of a millisecond, so this share makes it a matter of seconds."""
    with Daemon(config_file(tmp_path, "poll: {interval: 100ms, max_cpu: 0.02%}\n")) as daemon:
        exposition = daemon.scrape()
        assert exposition.get("timewait_exporter_poll_interval_configured_seconds") == 0.1
        assert 0.2 < exposition.get("timewait_exporter_poll_interval_seconds") <= 30
        polls = exposition.get("timewait_exporter_polls_total")
        time.sleep(2)
        assert daemon.scrape().get("timewait_exporter_polls_total") - polls <= 2 / 0.2 + 1
        wait_for(lambda: daemon.scrape().get("timewait_exporter_polls_total") > polls, timeout=60)
        _, log = daemon.stop()
    assert log.count("they spread out") == 1


class Clock:
    """The wall clock of a process, by libfaketime; the steady clock goes on as it does."""

    def __init__(self, directory):
        self._file = directory / "clock"
        self.jump(0)

    def jump(self, seconds):
        self._file.write_text(f"{seconds:+d}\n")

    def environment(self):
        (library,) = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        return {**os.environ, "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(self._file),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@pytest.mark.skipif(bool(os.environ.get("TIMEWAIT_SANITIZE")), reason="a sanitizer wants to be preloaded alone")
def test_a_clock_that_jumps(tmp_path, keep):
    listener = keep(listen("127.0.0.1", 8080))
    client_time_wait(listener, 5)
    clock = Clock(tmp_path)
    counter, peer = "timewait_outbound_time_wait_entered_total", "127.0.0.1:8080"
    with Daemon(config_file(tmp_path, "poll: {interval: 100ms, max_cpu: 100%}\n"), env=clock.environment()) as daemon:
        for hours in (2, -3, 0):
            clock.jump(3600 * hours)
            exposition = daemon.scrape_after_poll()
            stamp = exposition.get("timewait_exporter_last_poll_timestamp_seconds")
            assert stamp == pytest.approx(time.time() + 3600 * hours, abs=30)
            # Polls keep their pace, and nothing that is told by the age of sockets notices.
            polls = exposition.get("timewait_exporter_polls_total")
            time.sleep(1)
            after = daemon.scrape()
            assert 5 <= after.get("timewait_exporter_polls_total") - polls <= 15
            assert after.get("timewait_exporter_poll_success") == 1
            assert after.get(counter, peer=peer) == 5
            assert after.get("timewait_outbound_exhaustion_seconds", peer=peer) == math.inf


@pytest.mark.parametrize("error, reason", [(errno.ENOBUFS, "overrun"), (errno.EAGAIN, "timeout"),
                                           (errno.EIO, "receive")], ids=lambda value: str(value))
def test_a_kernel_that_does_not_give_the_dump(tmp_path, error, reason):
    with Daemon(config_file(tmp_path, "poll: {interval: 100ms}\n"),
                preexec_fn=lambda: fail_to_receive(error)) as daemon:
        exposition = daemon.scrape_after_poll()
        assert exposition.get("timewait_exporter_poll_errors_total", reason=reason) >= 2
        assert exposition.get("timewait_exporter_poll_success") == 0
        assert exposition.get("timewait_ephemeral_ports") is None
        assert daemon.get("/-/healthy")[0] == 200
        assert daemon.get("/-/ready")[0] == 503
        _, log = daemon.stop()
    assert log.count(f"reason={reason}") == 1
