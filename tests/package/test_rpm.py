"""The RPM, in the root of another release than Debian 12; there is no Amazon Linux at hand."""

import re

import pytest

from support import packages
from support.exporter import Daemon
from support.rootfs import files, in_root, run, unpack


@pytest.fixture(name="root")
def other_root(tmp_path):
    """With the folders that a system of RPMs has, and Debian's essential packages have not."""
    unpack("trixie", tmp_path)
    for folder in ("etc/sysconfig", "usr/lib/systemd/system-preset"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def rpm(root, *arguments):
    """With a database of its own, which does not know that there is a /bin/sh."""
    return run("rpm", "--root", root, "--dbpath", "/var/lib/rpm", "--nodeps", *arguments)


def query(template):
    return run("rpm", "-qp", "--queryformat", template, packages.rpm())


def test_it_asks_for_no_library_and_offers_none():
    assert re.findall(r"^(?!rpmlib|/bin/sh)(.+)$", run("rpm", "-qpR", packages.rpm()), re.MULTILINE) == []
    provided = run("rpm", "-qp", "--provides", packages.rpm())
    assert {line.split()[0] for line in provided.splitlines()} == {"timewait-exporter", "timewait-exporter(x86-64)"}


def test_what_it_says_of_itself():
    assert query("%{NAME} %{VERSION} %{ARCH} %{LICENSE} %{BUILDHOST}") == (
        f"timewait-exporter {packages.version()} x86_64 Apache-2.0 localhost")
    assert run("rpm", "-qpc", packages.rpm()).split() == [
        "/etc/sysconfig/timewait_exporter", "/etc/timewait_exporter/config.yml"]


def test_it_takes_no_folder_of_the_system_for_its_own():
    folders = query("[%{FILEMODES:perms} %{FILENAMES}\n]").splitlines()
    folders = {line.split()[1] for line in folders if line.startswith("d")}
    assert {folder for folder in folders if not re.search("timewait[-_]exporter", folder)} == set()
    assert {"/etc/timewait_exporter", "/usr/lib/timewait_exporter"} <= folders


@pytest.mark.usefixtures("fresh_network_namespace")
def test_installed_upgraded_erased(root, monkeypatch):
    before = files(root)
    rpm(root, "--install", packages.rpm())
    assert (root / "usr/lib/systemd/system/timewait_exporter.service").is_file()
    monkeypatch.setenv("TIMEWAIT_EXPORTER", "/usr/bin/timewait_exporter")
    flags = ("--config.file=/etc/timewait_exporter/config.yml",)
    with Daemon(*flags, launcher=in_root(root)) as daemon:
        assert daemon.scrape().get("timewait_exporter_source_info", source="netlink") == 1
    for program in packages.PROGRAMS:
        assert packages.tells_version(program, run(*in_root(root), f"/usr/bin/{program}", "--version"))

    config = root / "etc/timewait_exporter/config.yml"
    config.write_text("poll: {interval: 2s}\n", encoding="utf-8")
    rpm(root, "--upgrade", "--force", packages.rpm())
    assert config.read_text(encoding="utf-8") == "poll: {interval: 2s}\n"

    rpm(root, "--erase", "timewait-exporter")
    left = {line.split()[0] for line in files(root) - before}
    assert left == {"./etc/timewait_exporter", "./etc/timewait_exporter/config.yml.rpmsave"}
