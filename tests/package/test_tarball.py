"""The tarball: where there is no library at all, and under the libraries of other releases."""

import os
import shlex
import subprocess

import pytest

from support import packages
from support.exporter import Daemon
from support.rootfs import in_root, run, unpack
from support.sockets import connect, listen
from support.tmux import Terminal

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

# Older and newer than Debian 12, and nothing at all. In a folder with a space in its name, where nobody expects it.
ROOTS = ["nothing", "bullseye", "trixie"]
FOLDER = "/opt/some where"


@pytest.fixture(scope="module", name="root", params=ROOTS)
def root_with_the_tarball(request, tmp_path_factory):
    root = tmp_path_factory.mktemp(request.param)
    if request.param != "nothing":
        unpack(request.param, root)
    place = root / FOLDER.strip("/")
    place.mkdir(parents=True)
    (root / "proc").mkdir(exist_ok=True)
    run("tar", "-x", "-f", packages.tarball(), "-C", place, "--strip-components=1")
    return root


@pytest.fixture(name="program")
def its_program(root, monkeypatch):
    assert root.is_dir()
    program = f"{FOLDER}/bin/timewait_exporter"
    monkeypatch.setenv("TIMEWAIT_EXPORTER", program)
    return program


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize("preloaded", [None, "/lib/x86_64-linux-gnu/libc.so.6", "/no/such/library.so"])
def test_it_serves_true_numbers(root, keep, preloaded):
    listener = keep(listen())
    port = listener.getsockname()[1]
    clients = [keep(connect("127.0.0.1", port)) for _ in range(7)]
    environment = {**os.environ, **({"LD_PRELOAD": preloaded} if preloaded else {})}
    config = f"{FOLDER}/etc/timewait_exporter/config.yml"
    with Daemon(f"--config.file={config}", launcher=in_root(root), env=environment) as daemon:
        exposition = daemon.scrape()
        assert exposition.get("timewait_exporter_source_info", source="netlink") == 1
        established = exposition.get("timewait_outbound_sockets", peer=f"127.0.0.1:{port}", state="established")
        assert established == len(clients)


@pytest.mark.parametrize("name", packages.PROGRAMS)
def test_version(root, name):
    assert packages.tells_version(name, run(*in_root(root), f"{FOLDER}/bin/{name}", "--version"))


def test_one_poll(root, program):
    assert "timewait_exporter_poll_success 1" in run(*in_root(root), program, "--once")


def test_a_table_of_the_same_numbers(root, keep):
    """Of all locales, one that no root has: it is in UTF-8 all the same."""
    listener = keep(listen("127.0.0.1", 8080))
    keep(*(connect(*listener.getsockname()) for _ in range(7)))
    environment = {**os.environ, "LC_ALL": "ko_KR.UTF-8"}
    table = run(*in_root(root), f"{FOLDER}/bin/timewait", env=environment)
    row = next(line for line in table.splitlines() if line.startswith("127.0.0.1:8080"))
    assert " 7/28,232  ░░" in row


def test_the_live_table(root, keep):
    keep(listen("127.0.0.1", 8080))
    with Terminal() as terminal:
        terminal.enter(shlex.join([*map(str, in_root(root)), f"{FOLDER}/bin/timewait", "top"]))
        terminal.wait_for("There are no outbound connections.", "127.0.0.1:8080", "q quit")
        terminal.press("q")
        terminal.wait_for_prompt()


def test_without_proc(root, program):
    """The kernel's settings are not to be had then, and it says so; all the rest of starting needs no proc."""
    assert "version" in run("chroot", root, program, "--version")
    result = subprocess.run(["chroot", root, program, "--once"], capture_output=True, text=True, timeout=20,
                            check=False)
    assert result.returncode == 1 and "/proc" in result.stderr


def test_what_is_beside_it(root):
    place = root / FOLDER.strip("/")
    for name in ("LICENSE", "README.md", "etc/timewait_exporter/config.yml", "share/man/man8/timewait_exporter.8.gz",
                 "share/man/man1/timewait.1.gz", "share/bash-completion/completions/timewait",
                 "lib/systemd/system/timewait_exporter.service", "share/doc/timewait-exporter/examples/full.yml",
                 "share/doc/timewait-exporter/libraries/versions.txt", "share/doc/timewait-exporter/copyright"):
        assert (place / name).is_file(), name
