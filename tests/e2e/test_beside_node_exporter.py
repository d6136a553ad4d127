"""The same questions to node_exporter and to the exporter: what a scraper sees of HTTP, TLS and passwords is the
same."""

import contextlib
import ssl
import subprocess

import pytest

from support import web_config
from support.certificates import Authority
from support.exporter import Daemon
from support.node_exporter import NodeExporter

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

PROMETHEUS = ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
              "text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
ACCEPT = [None, "*/*", "text/plain", "text/plain;version=0.0.4", "text/*", "text/html,application/xhtml+xml,*/*;q=0.8",
          "application/json", "text/plain;q=0.5,*/*;q=0.1", ""]
ACCEPT_ENCODING = [None, "identity", "gzip", "gzip, deflate, br", "gzip;q=1.0", "deflate", "br", "identity, gzip",
                   "zstd, gzip;q=0.5", ""]
# Where node_exporter is not as RFC 9110 (8.4.1.3, 12.5.3) has it, and the exporter is.
RIGHTLY_DIFFERENT = {"gzip;q=0": None, "x-gzip": "gzip", "GZIP": "gzip", "*": "gzip"}


@pytest.fixture(name="ours")
def _ours():
    with Daemon() as daemon:
        yield daemon


@pytest.fixture(name="theirs")
def _theirs():
    with NodeExporter() as exporter:
        yield exporter


def outcome(exporter, accept, accept_encoding, method):
    """What the two have in common: Content-Length, for one, differs with the body."""
    headers = {"Accept": accept, "Accept-Encoding": accept_encoding or "identity"}
    status, answered, body = exporter.get(
        method=method, headers={name: value for name, value in headers.items() if value is not None})
    return status, answered["Content-Type"], answered["Content-Encoding"], body == b""


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_content_negotiation(ours, theirs, method):
    for accept in ACCEPT:
        for accept_encoding in ACCEPT_ENCODING:
            question = accept, accept_encoding, method
            assert outcome(ours, *question) == outcome(theirs, *question), question


def test_what_node_exporter_negotiates_otherwise(ours, theirs):
    for accept_encoding, rightly in RIGHTLY_DIFFERENT.items():
        question = None, accept_encoding, "GET"
        assert outcome(ours, *question)[2] == rightly, accept_encoding
        assert outcome(theirs, *question)[2] != rightly, accept_encoding


def test_openmetrics_is_what_it_has_and_this_node_exporter_has_not(ours, theirs):
    assert outcome(ours, PROMETHEUS, "gzip", "GET")[1] == (
        "application/openmetrics-text; version=1.0.0; charset=utf-8")
    assert outcome(theirs, PROMETHEUS, "gzip", "GET")[1] == "text/plain; version=0.0.4; charset=utf-8"


class Pair:
    """Both exporters with one web configuration."""

    def __init__(self, file):
        self._flag = f"--web.config.file={file}"
        self._running = contextlib.ExitStack()

    def same(self, ask):
        """What both answer."""
        ours, theirs = ask(self.ours), ask(self.theirs)
        assert ours == theirs
        return ours

    def __enter__(self):
        with self._running:  # ends the first if the second does not start
            self.ours = self._running.enter_context(Daemon(self._flag))
            self.theirs = self._running.enter_context(NodeExporter(self._flag))
            self._running = self._running.pop_all()
        return self

    def __exit__(self, *_):
        self._running.close()


def status(exporter, **request):
    try:
        return exporter.get(**request)[0]
    except (ssl.SSLError, ConnectionResetError, BrokenPipeError):
        return "refused"


def test_passwords(tmp_path):
    file = web_config.write(tmp_path / "web.yml", basic_auth_users={"alice": web_config.bcrypt("wonderland")})
    with Pair(file) as pair:
        for user, password, expected in (("alice", "wonderland", 200), ("alice", "wonderlane", 401),
                                         ("alice", "", 401), ("bob", "wonderland", 401), ("", "", 401)):
            headers = web_config.basic(user, password)
            assert pair.same(lambda each: status(each, headers=headers)) == expected
        assert pair.same(status) == 401
        assert pair.same(lambda each: each.get()[1]["WWW-Authenticate"].split()[0]) == "Basic"
        assert pair.same(lambda each: status(each, headers={"Authorization": "Bearer x"})) == 401


CLIENT_AUTH_TYPES = ["NoClientCert", "RequestClientCert", "RequireAnyClientCert", "VerifyClientCertIfGiven",
                     "RequireAndVerifyClientCert"]


@pytest.mark.parametrize("kind", CLIENT_AUTH_TYPES)
def test_client_certificates(tmp_path, kind):
    authority, stranger = Authority(tmp_path / "ours"), Authority(tmp_path / "theirs", "stranger")
    clients = {
        "none": None,
        "good": authority.issue("good", purpose="clientAuth"),
        "for servers": authority.issue("for-servers", purpose="serverAuth"),
        "of a stranger": stranger.issue("other", purpose="clientAuth"),
    }
    checks = {"client_ca_file": str(authority.certificate)} if "Verify" in kind else {}
    file = web_config.write(tmp_path / "web.yml", tls_server_config=web_config.tls(
        *authority.issue("server"), client_auth_type=kind, **checks))
    with Pair(file) as pair:
        outcomes = {name: pair.same(lambda each, shown=client: status(each, tls=authority.trusted_by(shown)))
                    for name, client in clients.items()}
    assert outcomes["good"] == 200
    assert (outcomes["none"] == 200) == ("Require" not in kind)
    assert (outcomes["of a stranger"] == 200) == ("Verify" not in kind)


def handshake(exporter, *flags):
    """(version, cipher) that openssl's client agrees on with the exporter, or None."""
    result = subprocess.run(
        ["openssl", "s_client", "-connect", f"{exporter.host}:{exporter.port}", "-cipher", "ALL:@SECLEVEL=0", *flags],
        input="", capture_output=True, text=True, timeout=20, check=False)
    for line in result.stdout.splitlines():
        if line.startswith("New, "):
            return None if "(NONE)" in line else tuple(line.removeprefix("New, ").split(", Cipher is "))
    return None


@pytest.mark.parametrize("section", [
    {}, {"min_version": "TLS13"}, {"max_version": "TLS12"}, {"min_version": "TLS12", "max_version": "TLS12"},
    {"cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]},
    {"curve_preferences": ["CurveP384"]},
])
def test_versions_suites_and_curves(tmp_path, section):
    server = Authority(tmp_path).issue("server")
    file = web_config.write(tmp_path / "web.yml", tls_server_config=web_config.tls(*server, **section),
                            http_server_config={"http2": False})  # it would insist on a suite of its own
    offers = [["-tls1_1"], ["-tls1_2"], ["-tls1_3"], ["-tls1_2", "-curves", "P-384"], ["-tls1_3", "-curves", "P-384"],
              ["-tls1_3", "-curves", "P-521"], ["-tls1_3", "-curves", "X25519"],
              ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"],
              ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"],
              ["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"], ["-tls1_2", "-cipher", "AES128-SHA"],
              ["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"],
              ["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"]]
    with Pair(file) as pair:
        agreed = [pair.same(lambda each, flags=flags: handshake(each, *flags) is not None) for flags in offers]
    assert any(agreed) and not all(agreed)
