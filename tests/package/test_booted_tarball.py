"""The tarball as a service of a booted Debian 12 that has no library for it: the closure under the unit's sandbox."""

import re
import shutil
import subprocess
import textwrap

import pytest

from support import packages
from support.project import PROJECT
from support.service import NAME, Service
from support.waiting import wait_for

PROGRAM = "/opt/timewait_exporter/bin/timewait_exporter"
NEWER = "99.0"


def folder(version):
    """What the tarball of that version is named after, and what is in it."""
    return f"timewait_exporter-{version}-linux-amd64"


@pytest.fixture(scope="module", name="install")
def _install(machine):
    """install(VERSION): what README.md says, word for word, where the tarball is."""
    readme = (PROJECT / "deploy/packages/tarball/README.md").read_text(encoding="utf-8")
    section = readme.split("As a service", 1)[1].split("\n\n")[1]
    commands = textwrap.dedent(section.strip("\n"))
    assert commands.startswith("tar ") and "systemctl" in commands

    def run(version):
        machine.run("sh", "-ec", "cd /\n" + commands.replace("VERSION", version))

    return run


@pytest.fixture(scope="module", name="machine")
def _machine(boot):
    machine = boot()
    shutil.copy(packages.tarball(), machine.root)
    return machine


@pytest.fixture(name="service")
def _service(machine, install):
    """Running as it is installed; it is afterwards, too."""
    install(packages.version())
    service = Service(machine)
    shipped = service.config.read_text()
    yield service
    service.reset(shipped)


@pytest.fixture(name="newer")
def _newer(machine, tmp_path):
    """The same with a higher version, beside the first: which."""
    subprocess.run(["tar", "-x", "-C", tmp_path, "-f", packages.tarball()], check=True, timeout=60)
    (tmp_path / folder(packages.version())).rename(tmp_path / folder(NEWER))
    subprocess.run(["tar", "-cz", "-C", tmp_path, "-f", machine.root / f"{folder(NEWER)}.tar.gz", folder(NEWER)],
                   check=True, timeout=60)
    return NEWER


def test_the_machine_has_no_library_for_it(machine):
    """Else all this would show little."""
    libraries = machine.run("find", "/usr/lib", "/lib/", "-name", "*.so*")
    assert "libc.so.6" in libraries
    assert not re.search("libmicrohttpd|libprometheus-cpp|libyaml-cpp|libspdlog", libraries)


def test_it_is_up_and_enabled_with_true_figures(service):
    assert (service.systemctl("is-enabled"), service.systemctl("is-active")) == ("enabled", "active")
    now = service.scrape()
    assert now.get("timewait_exporter_source_info", source="netlink") == 1
    assert now.get("timewait_exporter_poll_success") == 1
    journal = service.journal()
    assert "listening" in journal and "level=warn" not in journal and "level=error" not in journal


def test_its_sandbox(service):
    status = service.process_status()
    assert status["Name"] == "timewait_export"  # the kernel keeps 15 bytes
    assert (status["CapBnd"], status["CapEff"], status["CapAmb"]) == ("0" * 16,) * 3
    assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")
    assert 61184 <= int(status["Uid"].split()[0]) <= 65519


def test_all_that_it_runs_is_its_own(machine, service):
    maps = machine.run("cat", f"/proc/{service.main_pid()}/maps")
    files = set(re.findall(r" (/.*)$", maps, re.MULTILINE))
    own = f"/opt/{folder(packages.version())}/lib/timewait_exporter/"
    assert any("libgnutls" in file for file in files)
    assert {file for file in files if not file.startswith(own)} == set()


def test_a_reload_takes_what_is_good_and_fails_for_what_is_bad(machine, service):
    process = service.main_pid()
    service.config.write_text("peers:\n  - {name: tomcat, match: [{port: 8080}]}\n")
    service.systemctl("reload")
    wait_for(lambda: service.scrape().get("timewait_outbound_ports_used", peer="tomcat") is not None)
    service.config.write_text("pears: []\n")
    assert machine.call("systemctl", "reload", NAME).returncode != 0
    assert "config.yml:1:1: pears" in service.journal()
    assert service.scrape().get("timewait_outbound_ports_used", peer="tomcat") is not None
    assert (service.main_pid(), service.show("ActiveState")) == (process, "active")


def test_the_watchdog_restarts_it_when_it_hangs(service):
    service.start_with(short="[Service]\nWatchdogSec=2s\n")
    before = service.main_pid()
    service.kill("STOP")
    wait_for(lambda: service.main_pid() not in (0, before) and service.show("ActiveState") == "active", timeout=60)
    assert (service.restarts(), "Watchdog timeout" in service.journal()) == (1, True)
    assert service.scrape().get("timewait_exporter_poll_success") == 1


def test_it_answers_its_own_health_check_until_it_is_stopped(machine, service):
    assert machine.call(PROGRAM, "--healthcheck").returncode == 0
    service.systemctl("stop")
    assert (service.show("ActiveState"), service.show("Result")) == ("inactive", "success")
    assert machine.call(PROGRAM, "--healthcheck").returncode == 1
    assert "timewait" not in machine.run("sh", "-c", "cat /proc/[0-9]*/comm")


def test_another_version_takes_its_place_and_the_configuration_stays(machine, install, service, newer):
    service.config.write_text("peers:\n  - {name: tomcat, match: [{port: 8080}]}\n")
    install(newer)
    program = machine.run("readlink", f"/proc/{service.main_pid()}/exe")
    assert program.startswith(f"/opt/{folder(newer)}/lib/timewait_exporter/")
    assert service.scrape().get("timewait_outbound_ports_used", peer="tomcat") is not None
