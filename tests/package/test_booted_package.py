"""The Debian package in a booted Debian 12: installed, upgraded, removed, purged; and nothing is left behind."""

import re
import shutil
import subprocess

import pytest

from support import packages
from support.machine import Unit

NAME = "timewait_exporter.service"
CONFIG, OPTIONS = "etc/timewait_exporter/config.yml", "etc/default/timewait_exporter"

# What changes by itself on a running system, and what dpkg keeps of each call.
RESTLESS = re.compile(r"^(var/log|var/lib/systemd|var/lib/dpkg/[^/]*-old|var/lib/dpkg/(lock|triggers)|var/cache"
                      r"|etc/(ld\.so\.cache|\.pwd\.lock))")


@pytest.fixture(scope="module", name="machine")
def _machine(debian):
    return debian


@pytest.fixture(autouse=True)
def _purged(machine):
    yield
    machine.call("dpkg", "--purge", "timewait-exporter")


@pytest.fixture(scope="module", name="unit")
def _unit(machine):
    return Unit(machine, NAME)


@pytest.fixture(scope="module", name="newer")
def _newer(tmp_path_factory):
    """The same package with a higher version, and other files of configuration."""
    folder = tmp_path_factory.mktemp("newer")
    subprocess.run(["dpkg-deb", "--raw-extract", packages.deb(), folder / "files"], check=True)
    control = folder / "files/DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*$", "Version: 99.0", control.read_text()))
    for name in CONFIG, OPTIONS:
        with (folder / "files" / name).open("a", encoding="utf-8") as file:
            file.write("# of the newer version\n")
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", folder / "files", folder / "newer.deb"], check=True,
                   capture_output=True)
    return folder / "newer.deb"


def install(machine, package="/package.deb"):
    """As somebody does who keeps what they have changed."""
    machine.run("dpkg", "--force-confold", "--install", package)


def upgrade(machine, newer):
    shutil.copy(newer, machine.root / "newer.deb")
    install(machine, "/newer.deb")
    (machine.root / "newer.deb").unlink()


def files_of(root):
    return {str(file.relative_to(root)) for file in root.rglob("*")
            if not RESTLESS.match(str(file.relative_to(root)))}


def test_from_installation_to_purge(machine, unit, newer):
    """One test, since each step begins with what the one before has left."""
    before = files_of(machine.root)

    install(machine)
    assert "listening" in unit.journal()
    assert (unit.show("ActiveState"), unit.show("UnitFileState")) == ("active", "enabled")
    assert machine.call("timewait_exporter", "--healthcheck").returncode == 0

    (machine.root / CONFIG).write_text("peers:\n  - {name: tomcat, match: [{port: 8080}]}\n")
    (machine.root / OPTIONS).write_text('ARGS="--web.listen-address=:10049 --log.level=debug"\n')
    process = unit.main_pid()
    upgrade(machine, newer)
    assert unit.main_pid() not in (0, process)
    assert "tomcat" in (machine.root / CONFIG).read_text()
    assert "of the newer version" in (machine.root / f"{CONFIG}.dpkg-dist").read_text()
    assert machine.call("timewait_exporter", "--healthcheck", "--web.listen-address=:10049").returncode == 0
    assert unit.show("UnitFileState") == "enabled"

    machine.run("dpkg", "--remove", "timewait-exporter")
    assert "timewait" not in machine.run("sh", "-c", "cat /proc/[0-9]*/comm")
    assert unit.show("ActiveState") == "inactive"
    assert "tomcat" in (machine.root / CONFIG).read_text()

    install(machine)
    assert machine.call("timewait_exporter", "--healthcheck", "--web.listen-address=:10049").returncode == 0
    assert (unit.show("ActiveState"), unit.show("UnitFileState")) == ("active", "enabled")

    machine.run("dpkg", "--purge", "timewait-exporter")
    assert sorted(files_of(machine.root) - before) == []
    assert sorted(before - files_of(machine.root)) == []
    assert unit.show("LoadState") == "not-found"
    assert "timewait" not in machine.call("systemctl", "list-unit-files").stdout
    assert "timewait" not in machine.run("systemctl", "--failed", "--all", "--no-legend")
    assert "timewait" not in machine.run("ls", "-R", "/run/systemd", "/var/lib/systemd", "/var/lib/private", "/tmp")


def test_what_an_administrator_disabled_stays_so(machine, unit, newer):
    install(machine)
    machine.run("systemctl", "disable", "--now", NAME)
    upgrade(machine, newer)
    assert (unit.show("ActiveState"), unit.show("UnitFileState")) == ("inactive", "disabled")


def test_what_an_administrator_masked_stays_so(machine, unit, newer):
    install(machine)
    machine.run("systemctl", "stop", NAME)
    machine.run("systemctl", "mask", NAME)
    upgrade(machine, newer)
    assert (unit.show("ActiveState"), unit.show("UnitFileState")) == ("inactive", "masked")
    machine.run("systemctl", "unmask", NAME)


def test_an_upgrade_starts_what_was_only_stopped(machine, unit, newer):
    """As that of Debian's own packages: README.md says so."""
    install(machine)
    machine.run("systemctl", "stop", NAME)
    upgrade(machine, newer)
    assert (unit.show("ActiveState"), unit.show("UnitFileState")) == ("active", "enabled")


def test_what_runs_under_the_socket_goes_with_it(machine, unit):
    """A service that somebody's client could start again in the middle of a removal."""
    install(machine)
    machine.run("systemctl", "stop", NAME)
    machine.run("systemctl", "enable", "--now", "timewait_exporter.socket")
    machine.run("dpkg", "--purge", "timewait-exporter")
    for kind in "service", "socket":
        each = Unit(machine, f"timewait_exporter.{kind}")
        assert (each.show("ActiveState"), each.show("LoadState")) == ("inactive", "not-found")
    assert unit.main_pid() == 0
