"""Prometheus itself: its linter and its server take what the exporter gives."""

import shutil
import subprocess

import pytest

from support import exporter, web_config
from support.certificates import Authority
from support.exporter import Daemon
from support.prometheus import Prometheus, tool
from support.sockets import client_time_wait, established, listen
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

def test_promtool_has_nothing_to_say(keep):
    listener = keep(listen("127.0.0.1", 8080))
    keep(*established(listener))
    client_time_wait(listener, 3)
    exposition = exporter.poll_once().text
    result = subprocess.run([tool("promtool"), "check", "metrics"], input=exposition, text=True,
                            capture_output=True, timeout=60, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_real_prometheus_scrapes_it(tmp_path, keep):
    listener = keep(listen("127.0.0.1", 8080))
    keep(*established(listener))
    client_time_wait(listener, 3)
    with Daemon() as daemon, Prometheus(tmp_path, f"{daemon.host}:{daemon.port}") as prometheus:
        wait_for(lambda: prometheus.query('up == 1'), timeout=60)
        peer = '{peer="127.0.0.1:8080"}'
        ((_, used),) = wait_for(lambda: prometheus.query(f"timewait_outbound_ports_used{peer}"))
        assert used == 4
        ((_, time_wait),) = prometheus.query(
            'timewait_outbound_sockets{peer="127.0.0.1:8080",state="time_wait"}')
        assert time_wait == 3
        scraped = {labels["__name__"] for labels, _ in prometheus.query('{job="timewait"}')}
        ours = {name for name, _ in daemon.scrape().samples}
        assert ours <= scraped
        ((labels, _),) = prometheus.query("timewait_exporter_build_info")
        assert labels["version"]


def test_a_real_prometheus_scrapes_over_tls_with_a_password_and_a_certificate(tmp_path):
    authority = Authority(tmp_path / "tls")
    client, key = authority.issue("prometheus", purpose="clientAuth")
    file = web_config.write(
        tmp_path / "web.yml", basic_auth_users={"alice": web_config.bcrypt("wonderland")},
        tls_server_config=web_config.tls(*authority.issue("server"), client_ca_file=str(authority.certificate),
                                         client_auth_type="RequireAndVerifyClientCert", min_version="TLS13"))
    tls = {"ca_file": str(authority.certificate), "cert_file": str(client), "key_file": str(key)}
    password = {"username": "alice", "password": "wonderland"}
    with Daemon(f"--web.config.file={file}") as daemon:
        target = f"{daemon.host}:{daemon.port}"
        for job, up in (({"tls_config": tls, "basic_auth": password}, 1),
                        ({"tls_config": tls}, 0),
                        ({"tls_config": {"ca_file": tls["ca_file"]}, "basic_auth": password}, 0)):
            (tmp_path / "prometheus").mkdir(exist_ok=True)
            with Prometheus(tmp_path / "prometheus", target, scheme="https", **job) as prometheus:
                wait_for(lambda: prometheus.query(f"up == {up}"), timeout=60)
                polled = prometheus.query("timewait_exporter_polls_total")
                assert bool(polled) == bool(up)
            shutil.rmtree(tmp_path / "prometheus")
