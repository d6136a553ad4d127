"""--web.config.file while the daemon runs: certificates and passwords change on disk, or go bad."""

import os
import resource
import shutil
import select
import signal
import ssl
import subprocess
import time

import pytest

from support import exporter, web_config
from support.certificates import Authority
from support.exporter import Daemon
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

ALICE = web_config.basic("alice", "wonderland")


@pytest.fixture(name="authority")
def _authority(tmp_path):
    return Authority(tmp_path / "tls")


@pytest.fixture(name="file")
def _file(tmp_path):
    return tmp_path / "web.yml"


def shown_certificate(daemon, authority):
    """The serial number of the one that the server shows, and the version of TLS."""
    connection = daemon.connection(authority.trusted_by())
    try:
        connection.connect()
        return connection.sock.getpeercert()["serialNumber"]
    finally:
        connection.close()


def is_good(daemon):
    return daemon.scrape().get("timewait_exporter_config_last_reload_successful")


def test_a_new_certificate_shows_without_a_restart(file, authority):
    server = authority.issue("server")
    web_config.write(file, tls_server_config=web_config.tls(*server))
    with Daemon(f"--web.config.file={file}", tls=authority.trusted_by()) as daemon:
        first = shown_certificate(daemon, authority)
        kept = daemon.connection()
        kept.request("GET", "/-/healthy")
        kept.getresponse().read()
        authority.issue("server")  # in the same files
        wait_for(lambda: shown_certificate(daemon, authority) != first)
        kept.request("GET", "/-/healthy")  # a connection under the old one goes on
        assert kept.getresponse().read() == b"Healthy.\n"
        kept.close()
        assert "web configuration reloaded" in daemon.wait_for_log("web configuration")


def test_a_changed_password_counts_without_a_restart(file):
    web_config.write(file, basic_auth_users={"alice": web_config.bcrypt("wonderland")})
    with Daemon(f"--web.config.file={file}") as daemon:
        assert daemon.get(headers=ALICE)[0] == 200
        web_config.write(file, basic_auth_users={"alice": web_config.bcrypt("looking-glass")})
        wait_for(lambda: daemon.get(headers=ALICE)[0] == 401)
        assert daemon.get(headers=web_config.basic("alice", "looking-glass"))[0] == 200


def test_a_changed_client_authority_counts_without_a_restart(file, tmp_path, authority):
    server, other = authority.issue("server"), Authority(tmp_path / "other")
    client = other.issue("client", purpose="clientAuth")

    def trust(whom):
        web_config.write(file, tls_server_config=web_config.tls(
            *server, client_auth_type="RequireAndVerifyClientCert", client_ca_file=str(whom.certificate)))

    def is_let_in():
        try:
            return daemon.get()[0] == 200
        except (ssl.SSLError, OSError):
            return False

    trust(authority)
    with Daemon(f"--web.config.file={file}", tls=authority.trusted_by(client)) as daemon:
        assert not is_let_in()
        trust(other)
        wait_for(is_let_in)
        trust(authority)
        wait_for(lambda: not is_let_in())


@pytest.mark.parametrize("harm", ["no file", "no yaml", "no certificate", "another key", "no tls"])
def test_what_was_in_force_stays_when_the_files_go_bad(file, authority, harm):
    certificate, key = authority.issue("server")
    good = {"tls_server_config": web_config.tls(certificate, key),
            "basic_auth_users": {"alice": web_config.bcrypt("wonderland")}}
    web_config.write(file, **good)
    with Daemon(f"--web.config.file={file}", tls=authority.trusted_by()) as daemon:
        assert daemon.get(headers=ALICE)[0] == 200
        first = shown_certificate(daemon, authority)
        {"no file": file.unlink,
         "no yaml": lambda: file.write_text("tls_server_config: {cert_file"),
         "no certificate": certificate.unlink,
         "another key": lambda: os.replace(authority.issue("other")[1], key),
         "no tls": lambda: web_config.write(file, basic_auth_users=good["basic_auth_users"])}[harm]()

        def says_so():
            body = daemon.get(headers=ALICE)[2].decode()
            return "timewait_exporter_config_last_reload_successful 0" in body

        wait_for(says_so)
        line = daemon.wait_for_log("web configuration not reloaded")
        assert str(file) in line
        assert shown_certificate(daemon, authority) == first
        assert daemon.get(headers=ALICE)[0] == 200
        assert daemon.get()[0] == 401
        # And the way back.
        web_config.write(file, tls_server_config=web_config.tls(*authority.issue("server")),
                         basic_auth_users={"alice": web_config.bcrypt("mended")})
        wait_for(lambda: daemon.get(headers=web_config.basic("alice", "mended"))[0] == 200)
        assert shown_certificate(daemon, authority) != first


@pytest.mark.parametrize("cut", ["passwords", "client certificates", "all"])
def test_a_file_that_lacks_its_end_does_not_open_the_door(file, authority, cut):
    server = authority.issue("server")
    demand = {"client_auth_type": "RequireAndVerifyClientCert", "client_ca_file": str(authority.certificate)}
    users = {"alice": web_config.bcrypt("wonderland")}
    full = {"tls_server_config": web_config.tls(*server, **demand), "basic_auth_users": users}
    web_config.write(file, **full)
    client = authority.trusted_by(authority.issue("client", purpose="clientAuth"))
    with Daemon(f"--web.config.file={file}", "--web.enable-lifecycle", tls=client) as daemon:
        web_config.write(file, **{
            "passwords": {"tls_server_config": full["tls_server_config"]},
            "client certificates": {**full, "tls_server_config": web_config.tls(*server)},
            "all": {}}[cut])
        status, _, body = daemon.get("/-/reload", method="POST", headers=ALICE)
        assert status == 500 and b"by a restart only" in body
        assert daemon.get()[0] == 401
        with pytest.raises((ssl.SSLError, ConnectionError)):
            daemon.get(headers=ALICE, tls=authority.trusted_by())
        web_config.write(file, **full)
        assert daemon.get("/-/reload", method="POST", headers=ALICE)[0] == 200


def test_files_that_are_swapped_while_they_are_read(file, authority, tmp_path):
    """As Kubernetes swaps a volume: a symlink comes to point at another folder, whose files are old."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        certificate, key = authority.issue(name)
        shutil.copy2(certificate, tmp_path / name / "tls.crt")
        shutil.copy2(key, tmp_path / name / "tls.key")
    data = tmp_path / "data"

    def point_at(name):
        new = tmp_path / "new"
        new.symlink_to(tmp_path / name)
        os.replace(new, data)

    point_at("a")
    web_config.write(file, tls_server_config=web_config.tls(data / "tls.crt", data / "tls.key"))
    with Daemon(f"--web.config.file={file}", tls=authority.trusted_by()) as daemon:
        first = shown_certificate(daemon, authority)
        point_at("b")
        second = wait_for(lambda: (lambda shown: shown if shown != first else None)(
            shown_certificate(daemon, authority)))
        for turn in range(8):
            point_at("a")
            time.sleep(1.0 + turn * 0.0004)  # the next reading is under way, or about to be
            shown_certificate(daemon, authority)
            point_at("b")
        wait_for(lambda: shown_certificate(daemon, authority) == second)


def test_what_could_not_be_read_is_read_again(file):
    web_config.write(file, basic_auth_users={"alice": web_config.bcrypt("wonderland")})
    with Daemon(f"--web.config.file={file}", "--web.enable-lifecycle") as daemon:
        held = [daemon.connection() for _ in range(3)]
        for each in held:  # they have their descriptors, and need no more
            each.request("GET", "/-/healthy", headers=ALICE)
            each.getresponse().read()
        limit = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (4, limit[1]))
        held[0].request("POST", "/-/reload", headers=ALICE)
        answer = held[0].getresponse()
        assert answer.status == 500 and b"Too many open files" in answer.read()
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, limit)
        held[1].request("POST", "/-/reload", headers=ALICE)
        assert held[1].getresponse().status == 200
        for each in held:
            each.close()


def test_plain_http_is_not_spoken_where_tls_is(file, authority):
    web_config.write(file, tls_server_config=web_config.tls(*authority.issue("server")))
    with Daemon(f"--web.config.file={file}", tls=authority.trusted_by()) as daemon:
        result = subprocess.run(["curl", "-sS", f"http://{daemon.host}:{daemon.port}/metrics"],
                                capture_output=True, timeout=20, check=False)
        assert result.returncode != 0 and result.stdout == b""
        assert daemon.get("/-/healthy")[0] == 200


def test_headers_are_sent_with_every_answer(file):
    web_config.write(file, http_server_config={"headers": {"X-Frame-Options": "deny",
                                                           "Strict-Transport-Security": "max-age=60"}})
    with Daemon(f"--web.config.file={file}") as daemon:
        for path in ("/metrics", "/", "/nothing"):
            headers = daemon.get(path)[1]
            assert headers["X-Frame-Options"] == "deny"
            assert headers["Strict-Transport-Security"] == "max-age=60"


def test_the_rate_is_limited(file):
    web_config.write(file, rate_limit={"interval": "1h", "burst": 3})
    with Daemon(f"--web.config.file={file}") as daemon:
        assert [daemon.get("/-/healthy")[0] for _ in range(5)] == [200, 200, 200, 429, 429]


def test_guesses_keep_nobody_waiting_who_is_known(file):
    """Each guess takes a quarter of a second of a core; the scraper whose password was right before is not held up."""
    web_config.write(file, basic_auth_users={"alice": web_config.bcrypt("wonderland", cost=12)})
    with Daemon(f"--web.config.file={file}") as daemon:
        assert daemon.get(headers=ALICE)[0] == 200
        guesses = [daemon.connection() for _ in range(40)]
        for number, guess in enumerate(guesses):
            guess.request("GET", "/metrics", headers=web_config.basic("alice", f"guess {number}"))
        for _ in range(20):
            begin = time.monotonic()
            assert daemon.get(headers=ALICE)[0] == 200
            assert time.monotonic() - begin < 1.0
        answered, _, _ = select.select([guess.sock for guess in guesses], [], [], 10)  # in whatever order
        assert next(guess for guess in guesses if guess.sock in answered).getresponse().status == 401
        daemon.process.send_signal(signal.SIGTERM)  # those that wait keep nobody from stopping
        assert daemon.process.wait(timeout=10) == 0
        for guess in guesses:
            guess.close()


def test_check_looks_at_both_files(tmp_path, file):
    config = tmp_path / "timewait.yml"
    config.write_text("pol: {}\n")
    file.write_text("basic_auth_users: {alice: secret}\n")
    result = exporter.run("--config.check", f"--config.file={config}", f"--web.config.file={file}")
    assert result.returncode == 2 and result.stdout == ""
    assert f"{config}:1:1: pol: " in result.stderr and f"{file}:1:" in result.stderr
    assert "secret" not in result.stderr
    config.write_text("")
    web_config.write(file, basic_auth_users={"alice": web_config.bcrypt("wonderland")})
    result = exporter.run("--config.check", f"--config.file={config}", f"--web.config.file={file}")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{config}: valid\n{file}: valid\n"


def test_it_does_not_start_with_a_bad_file(file):
    file.write_text("tls_server_config: {}\n")
    result = exporter.run("--web.listen-address=127.0.0.1:0", f"--web.config.file={file}")
    assert result.returncode == 2
    assert f"{file}:1:" in result.stderr and "cert" in result.stderr
