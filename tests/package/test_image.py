"""The container image: built, looked into, and run with podman as locked down as a container can be."""

import os
import re
import shutil
import signal
import subprocess
from datetime import datetime, timezone

import pytest

from support import image
from support.exposition import Exposition
from support.podman import Podman
from support.project import PROJECT
from support.sockets import client_time_wait, listen, ss
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

CONFIG = "/etc/timewait_exporter"
LARGEST = 32 * 1024 * 1024  # bytes: a library more is fine, a compiler left inside is not


@pytest.fixture(scope="session", name="archive")
def built():
    return image.build(PROJECT, image.base())


@pytest.fixture(scope="session", name="opened")
def opened_archive(archive):
    return image.Archive(archive)


@pytest.fixture(scope="module", name="podman")
def podman_with_storage(tmp_path_factory):
    storage = tmp_path_factory.mktemp("podman")
    yield Podman(storage)
    shutil.rmtree(storage)


@pytest.fixture(scope="module", name="name")
def loaded(archive, podman):
    podman.ask("load", f"--input={archive}")
    return f"{image.NAME}:{version()}"


def version():
    text = (PROJECT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"^project\(timewait_exporter VERSION (\S+)", text, re.MULTILINE).group(1)


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=True).stdout.strip()


def commit_time():
    return int(git("log", "-1", "--format=%ct"))


# --- What it is ---------------------------------------------------------------------------------------------------


def test_the_same_commit_gives_the_same_bytes_elsewhere(archive, tmp_path):
    tree = tmp_path / "elsewhere"
    shutil.copytree(PROJECT, tree, symlinks=True, copy_function=shutil.copy,  # with new times
                    ignore=lambda folder, _: {"build"} if folder == str(PROJECT) else ())
    again = image.build(tree, image.base())
    assert again.read_bytes() == archive.read_bytes()


def test_what_the_image_says_of_itself(opened, podman, name):
    settings = opened.description["config"]
    assert opened.names == [name]
    assert settings["User"] == "65532:65532"
    assert settings["Entrypoint"] == ["/usr/bin/timewait_exporter"]
    assert settings["Cmd"] == [f"--config.file={CONFIG}/config.yml"]
    assert settings["ExposedPorts"] == {"10048/tcp": {}}
    assert settings["Healthcheck"]["Test"] == ["CMD", "/usr/bin/timewait_exporter", "--healthcheck"]
    assert settings["StopSignal"] == "SIGTERM"
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in settings["Labels"].items()}
    said = podman.run(name, "--version").stdout
    assert f"version {labels['version']} (revision: {labels['revision']})" in said
    assert labels["version"] == version()
    assert labels["revision"] == git("describe", "--always", "--dirty", "--exclude=*")
    assert labels["created"] == datetime.fromtimestamp(commit_time(), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert labels["licenses"] == "Apache-2.0"
    assert set(labels) == {"title", "description", "version", "revision", "created", "licenses"}


def test_it_holds_the_programs_and_nothing_else(opened):
    files = [entry for entry in opened.files if not entry.isdir()]
    places = {re.sub(r"^(usr/share/doc/timewait-exporter|usr/lib/timewait_exporter)/.*", r"\1", entry.name)
              for entry in files}
    assert places == {"usr/bin/timewait", "usr/bin/timewait_exporter", "usr/lib/timewait_exporter",
                      "usr/share/doc/timewait-exporter", "etc/timewait_exporter/config.yml"}
    executables = {os.path.basename(entry.name) for entry in files if entry.mode & 0o111 and not entry.issym()}
    assert {name for name in executables if ".so" not in name} == {"timewait", "timewait_exporter"}
    assert [entry.name for entry in opened.files if entry.mode & 0o6002 and not entry.issym()] == []
    assert {(entry.uid, entry.gid) for entry in opened.files} == {(0, 0)}
    assert {entry.mtime for entry in opened.files} == {commit_time()}


def test_the_licences_are_inside(opened):
    documents = {os.path.basename(entry.name) for entry in opened.files if "/doc/" in entry.name}
    assert {"LICENSE", "copyright", "libc6.copyright", "libgnutls30.copyright", "libmicrohttpd12.copyright", "LGPL-2.1", "versions.txt"} <= documents


def test_its_size(archive, capsys):
    size = archive.stat().st_size
    with capsys.disabled():
        print(f"\n{archive.name}: {size / 1e6:.1f} MB")
    assert size < LARGEST


# --- What it does -------------------------------------------------------------------------------------------------


def test_it_answers_with_the_sockets_of_the_hosts_network(podman, name, keep):
    listener = keep(listen("127.0.0.1", 8080))
    client_time_wait(listener, 7)
    with podman.running(name) as container:
        exposition = wait_for(lambda: _after_a_poll(container.scrape()))
    in_time_wait = [each for each in ss() if each[0] == "time_wait" and each[4] == "8080"]
    assert len(in_time_wait) == 7
    assert exposition.get("timewait_outbound_sockets", peer="127.0.0.1:8080", state="time_wait") == 7
    assert exposition.get("timewait_outbound_ports_used", peer="127.0.0.1:8080") == 7
    assert exposition.get("timewait_exporter_source_info", source="netlink") == 1


def _after_a_poll(exposition):
    return exposition if exposition.get("timewait_exporter_poll_success") == 1 else None


def test_in_a_network_of_its_own_it_sees_only_that(podman, name, keep):
    client_time_wait(keep(listen("127.0.0.1", 8080)), 7)
    result = podman.run(name, "--once", network="none")
    assert result.returncode == 0
    assert Exposition(result.stdout).get("timewait_exporter_poll_sockets") == 0


def test_beside_a_container_it_sees_what_that_one_does(podman, name):
    with podman.running(name, network="none") as watched:
        result = podman.run(name, "--once", network=f"container:{watched.name}")
    assert result.returncode == 0
    assert Exposition(result.stdout).label_values("timewait_inbound_sockets", "listener") == {"*:10048"}


def test_what_a_person_types_in_a_running_one(podman, name, keep):
    """As README.md has it: the sockets of the host's network, without any right."""
    client_time_wait(keep(listen("127.0.0.1", 8080)), 7)
    with podman.running(name) as container:
        table = podman.ask("exec", container.name, "timewait")
        assert re.search(r"^127\.0\.0\.1:8080 .* 7/28,232 ", table, re.MULTILINE)
        diagnosis = podman.call("exec", container.name, "timewait", "diagnose")
        assert (diagnosis.returncode, diagnosis.stderr) == (0, "")
    once = podman.run(name, options=["--entrypoint=/usr/bin/timewait"])
    assert (once.returncode, once.stderr) == (0, "") and "127.0.0.1:8080" in once.stdout


def test_the_compose_file(podman, name, tmp_path):
    shutil.copy(PROJECT / "deploy/container/compose.yml", tmp_path)
    shutil.copy(PROJECT / "deploy/container/config.yml", tmp_path)
    with podman.composed(tmp_path / "compose.yml") as container:
        wait_for(lambda: "listening" in container.log())
        assert container.scrape().get("timewait_exporter_source_info", source="netlink") == 1
        assert container.healthcheck() == 0
        check_no_rights(container.process_status())


def test_it_has_no_rights(podman, name):
    with podman.running(name) as container:
        status = container.process_status()
        limit = container.memory_limit()
    assert status["Name"] == "timewait_export"  # all that the kernel keeps of it
    assert status["NSpid"].split()[-1] == "1"
    assert limit == 64 * 1024 * 1024
    check_no_rights(status)


def check_no_rights(status):
    """`status`: /proc/PID/status of the program."""
    assert status["Uid"].split() == ["65532"] * 4 and status["Gid"].split() == ["65532"] * 4
    assert {status[each] for each in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_the_health_check_tells_a_hung_program(podman, name):
    with podman.running(name) as container:
        assert container.healthcheck() == 0
        os.kill(container.process_id(), signal.SIGSTOP)
        assert container.healthcheck() == 1
        os.kill(container.process_id(), signal.SIGCONT)
        wait_for(lambda: container.healthcheck() == 0)


def test_the_health_check_tells_that_nothing_runs(podman, name):
    assert podman.run(name, "--healthcheck").returncode == 1


def test_sigterm_ends_it_though_it_is_the_first_process(podman, name):
    with podman.running(name) as container:
        assert container.stop(seconds=5) == 0
        assert "signal=SIGTERM" in container.log()


# --- Its configuration --------------------------------------------------------------------------------------------


def mounted(tmp_path, text):
    """The options that put `text` into the place of the configuration file; anybody may read it."""
    folder = tmp_path / "timewait_exporter"
    folder.mkdir()
    (folder / "config.yml").write_text(text, encoding="utf-8")
    return [f"--volume={folder}:{CONFIG}:ro"]


def test_a_mounted_configuration_is_in_force(podman, name, tmp_path):
    options = mounted(tmp_path, "peers: [{name: tomcat, match: [{port: 8080}]}]\n")
    with podman.running(name, options=options) as container:
        exposition = wait_for(lambda: _after_a_poll(container.scrape()))
    assert exposition.get("timewait_outbound_sockets", peer="tomcat", state="established") == 0


def test_a_bad_configuration_is_told_and_ends_it(podman, name, tmp_path):
    result = podman.run(name, options=mounted(tmp_path, "pears: []\n"))
    assert result.returncode == 2
    assert f"{CONFIG}/config.yml:1:1: pears: " in result.stderr


def test_arguments_take_the_place_of_the_configuration(podman, name):
    with podman.running(name, "--web.telemetry-path=/elsewhere") as container:
        assert "path=/elsewhere" in container.log()
