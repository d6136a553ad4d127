"""Flags, exit codes, and sentences that a person understands."""

import pathlib
import socket
import subprocess

import pytest

from support import exporter
from support.command_line import fails
from support.exposition import Exposition
from support.sandbox import drop_all_rights, hide_sysctls

EXAMPLES = pathlib.Path(__file__).parents[2] / "config"
pytestmark = pytest.mark.usefixtures("fresh_network_namespace")


def test_help_names_every_flag():
    result = exporter.run("--help")
    assert result.returncode == 0 and result.stderr == ""
    for flag in ("--config.file", "--config.check", "--once", "--web.listen-address",
                 "--web.telemetry-path", "--log.level", "--log.format", "--version"):
        assert flag in result.stdout


def test_version():
    result = exporter.run("--version")
    assert result.returncode == 0
    assert result.stdout.startswith("timewait_exporter, version ")


@pytest.mark.parametrize("flags, words", [
    (["--no-such-flag"], ["--no-such-flag"]),
    (["stray"], ["stray"]),
    (["--log.level=loud"], ["loud", "debug, error, info, warn"]),
    (["--log.format=xml"], ["xml", "json, logfmt"]),
    (["--log.level"], ["--log.level"]),
    (["--log.level=warn", "--log.level=info"], ["--log.level: is given more than once"]),
    (["--config.file=", "--once"], ["--config.file: needs a value"]),
    (["--web.listen-address=localhost"], ["localhost"]),
    (["--web.listen-address=:99999"], [":99999"]),
    (["--web.listen-address=::1:80"], ["::1:80"]),
    (["--web.telemetry-path=metrics"], ["begin with '/'"]),
    (["--web.telemetry-path=//example.org/x"], ["not begin with '//'"]),
    (["--web.telemetry-path=/-/ready"], ["is taken"]),
    (["--web.telemetry-path=/a b"], ["plain path"]),
    (["--web.telemetry-path=/\\example.org/x"], ["plain path"]),
    (["--once=perhaps"], ["--once: takes no value"]),
])
def test_bad_usage(flags, words):
    fails(exporter.run(*flags), 2, "timewait_exporter: ", *words)


def test_once_prints_an_exposition():
    result = exporter.run("--once")
    assert result.returncode == 0 and result.stderr == ""
    exposition = Exposition(result.stdout)
    assert exposition.get("timewait_exporter_polls_total") == 1
    assert exposition.get("timewait_exporter_poll_success") == 1


@pytest.mark.parametrize("flag", ["--once", "--help", "--config.check"])
def test_output_to_a_full_disk(flag):
    with open("/dev/full", "w", encoding="ascii") as full:
        result = subprocess.run([exporter.binary(), flag], stdout=full, timeout=20, check=False)
    assert result.returncode == 1


@pytest.mark.parametrize("closed, code", [("<&-", 0), (">&-", 1), ("2>&-", 0), ("<&- >&- 2>&-", 1)])
def test_closed_standard_streams(closed, code):
    """No socket of the exporter's gets the number of a stream, to be written to by mistake."""
    command = f'exec "$0" --once {closed}'
    result = subprocess.run(["sh", "-c", command, exporter.binary()], capture_output=True, timeout=20,
                            check=False)
    assert result.returncode == code


@pytest.mark.parametrize("name", ["full.yml", "minimal.yml"])
def test_the_examples_are_valid(name):
    result = exporter.run("--config.check", f"--config.file={EXAMPLES / name}")
    assert result.returncode == 0 and result.stderr == ""
    assert "valid" in result.stdout


@pytest.mark.parametrize("flags", [["--config.check"], ["--once"], []])
def test_a_missing_file(flags, tmp_path):
    missing = tmp_path / "missing.yml"
    fails(exporter.run(f"--config.file={missing}", *flags), 1, str(missing), "No such file")


@pytest.mark.parametrize("flags", [["--config.check"], ["--once"], []])
def test_a_bad_file(flags, tmp_path):
    bad = tmp_path / "bad.yml"
    bad.write_text("poll:\n  intervall: 5s\ndiscovery: {max_peers: -1}\n")
    result = exporter.run(f"--config.file={bad}", *flags)
    fails(result, 2, f"{bad}:2:3: poll.intervall: ", f"{bad}:3:24: discovery.max_peers: ")
    assert len(result.stderr.splitlines()) == 2


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]"])
def test_a_port_in_use(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as taken:
        taken.bind((address.strip("[]"), 0))
        taken.listen()
        where = f"{address}:{taken.getsockname()[1]}"
        fails(exporter.run(f"--web.listen-address={where}"), 1,
              f"cannot listen on {where}: Address already in use")


def test_no_sysctls():
    fails(exporter.run("--once", preexec_fn=hide_sysctls), 1,
          "cannot read the kernel's sockets and settings", "cannot read a port range from /proc/sys")


def test_no_rights_are_needed():
    result = exporter.run("--once", preexec_fn=drop_all_rights)
    assert result.returncode == 0, result.stderr
