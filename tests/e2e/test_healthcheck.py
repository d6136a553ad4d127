"""--healthcheck: whether the daemon that runs with the same flags serves its clients."""

import os
import signal
import socket
import time

import pytest

from support import exporter, web_config
from support.certificates import Authority
from support.exporter import Daemon
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

PORT = 10048


@pytest.fixture(name="authority", scope="module")
def _authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def check(*flags, **options):
    return exporter.run("--healthcheck", *flags, **options)


def assert_healthy(*flags):
    result = check(*flags)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def why_not(*flags):
    """The one line that it says."""
    begin = time.monotonic()
    result = check(*flags)
    assert result.returncode == 1 and result.stdout == ""
    assert time.monotonic() - begin < 4
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("timewait_exporter: --healthcheck: "), lines
    return lines[0].removeprefix("timewait_exporter: --healthcheck: ")


@pytest.mark.parametrize("listen", [":10048", "0.0.0.0:10048", "127.0.0.1:10048", "127.9.9.9:10048", "[::]:10048",
                                    "[::1]:10048"])
def test_it_asks_where_the_daemon_listens(listen):
    with Daemon(listen=listen):
        assert_healthy(f"--web.listen-address={listen}")
    assert why_not(f"--web.listen-address={listen}") == f"{listen}: cannot connect: Connection refused"


def test_without_flags_it_asks_at_the_usual_port():
    with Daemon(listen=None):
        assert_healthy()


def test_flags_that_only_the_daemon_needs_change_nothing(tmp_path):
    file = tmp_path / "timewait.yml"
    file.write_text("pol: {}\n")
    with Daemon("--web.telemetry-path=/figures", listen=None):
        assert_healthy("--web.telemetry-path=/figures", f"--config.file={file}", "--log.format=json")


def test_each_address_must_answer():
    first, second = "--web.listen-address=127.0.0.1:10048", "--web.listen-address=[::1]:10049"
    with Daemon(first, second, listen=None):
        assert_healthy(first, second)
    with Daemon(first, listen=None):
        assert why_not(first, second).startswith("[::1]:10049: cannot connect")


def test_a_daemon_that_hangs():
    with Daemon(listen=None) as daemon:
        daemon.process.send_signal(signal.SIGSTOP)
        assert why_not() == ":10048: no answer in time"
        daemon.process.send_signal(signal.SIGCONT)
        wait_for(lambda: check().returncode == 0)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 503 Service Unavailable\r\n\r\n", b"HTTP/1.1 404 Not Found\r\n\r\n"])
def test_what_answers_otherwise(answer, keep):
    with _server(keep, answer):
        assert why_not() == f":10048: the answer has status {answer.split()[1].decode()}"


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.2\r\n", b"", b"HTTP/1.1 2", b"HTTP/1.1 abc\r\n"])
def test_what_is_no_http(answer, keep):
    with _server(keep, answer):
        assert why_not() == ":10048: the answer is not HTTP"


def test_what_trickles_is_not_waited_for(keep):
    listener = keep(socket.create_server(("127.0.0.1", PORT)))
    process = os.fork()
    if process == 0:
        try:
            client, _ = listener.accept()
            for byte in b"HTTP/1.1 200":
                client.sendall(bytes([byte]))
                time.sleep(1)
        finally:  # whatever happens: else there would be two pytests from here on
            os._exit(0)
    try:
        assert why_not() == ":10048: no answer in time"
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


class _server:
    """A context manager: a process that gives this answer and closes."""

    def __init__(self, keep, answer):
        self._listener, self._answer = keep(socket.create_server(("127.0.0.1", PORT))), answer

    def __enter__(self):
        self._process = os.fork()
        if self._process == 0:
            try:
                client, _ = self._listener.accept()
                client.recv(1000)
                client.sendall(self._answer)
                client.shutdown(socket.SHUT_WR)
                client.recv(1000)
            finally:
                os._exit(0)

    def __exit__(self, *_):
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


def test_a_daemon_with_passwords(tmp_path):
    file = web_config.write(tmp_path / "web.yml", basic_auth_users={"user": web_config.bcrypt("secret")})
    with Daemon(f"--web.config.file={file}", listen=None):
        assert_healthy(f"--web.config.file={file}")


def test_too_many_requests_are_a_sign_of_life(tmp_path):
    file = web_config.write(tmp_path / "web.yml", rate_limit={"interval": "1h", "burst": 1})
    with Daemon(f"--web.config.file={file}", listen=None):
        for _ in range(2):
            assert_healthy(f"--web.config.file={file}")


@pytest.mark.parametrize("key", ["ec", "rsa"])
@pytest.mark.parametrize("more", [{}, {"max_version": "TLS12"}, {"min_version": "TLS13"},
                                  {"client_auth_type": "RequireAndVerifyClientCert"},
                                  {"client_auth_type": "RequireAndVerifyClientCert", "max_version": "TLS12"},
                                  {"client_auth_type": "RequireAnyClientCert"},
                                  {"client_auth_type": "VerifyClientCertIfGiven"}])
def test_a_daemon_with_tls(tmp_path, authority, more, key):
    if "Verify" in more.get("client_auth_type", ""):
        more = {**more, "client_ca_file": str(authority.certificate)}
    # The name that it is asked by is not in the certificate.
    server = authority.issue("server", names="DNS:elsewhere.example", key=key)
    file = web_config.write(tmp_path / "web.yml", tls_server_config=web_config.tls(*server, **more))
    with Daemon(f"--web.config.file={file}", listen=None):
        assert_healthy(f"--web.config.file={file}")
        file.write_text("tls_server_config: {}\n")  # spoilt meanwhile, and not in force
        assert_healthy(f"--web.config.file={file}")
        assert "not HTTP" in why_not() or "cannot receive" in why_not()


def test_a_daemon_with_tls_that_hangs(tmp_path, authority):
    file = web_config.write(tmp_path / "web.yml", tls_server_config=web_config.tls(*authority.issue("server")))
    with Daemon(f"--web.config.file={file}", listen=None) as daemon:
        daemon.process.send_signal(signal.SIGSTOP)
        assert why_not(f"--web.config.file={file}") == ":10048: no answer in time"


def test_it_leaves_nothing_in_time_wait(tmp_path, authority):
    server = authority.issue("server")
    file = web_config.write(tmp_path / "web.yml", tls_server_config=web_config.tls(*server))
    for flags in [], [f"--web.config.file={file}"]:
        with Daemon(*flags, listen=None):
            for _ in range(3):
                assert_healthy(*flags)
            with open("/proc/net/tcp", encoding="ascii") as tcp, open("/proc/net/tcp6", encoding="ascii") as tcp6:
                states = [line.split()[3] for line in tcp.read().splitlines()[1:] + tcp6.read().splitlines()[1:]]
            assert "06" not in states


def test_what_it_cannot_know():
    assert "sockets of systemd" in why_not("--web.systemd-socket")
    assert "which port" in why_not("--web.listen-address=127.0.0.1:0")


def test_it_needs_no_rights_and_no_files():
    with Daemon(listen=None):
        assert check(env={}, cwd="/").returncode == 0
