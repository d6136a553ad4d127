"""The programs with their own libraries and loader: they take nothing from the host, wherever they lie."""

import os
import pathlib
import re
import shlex
import subprocess
import sysconfig

import pytest

from support import exporter, timewait
from support.certificates import Authority
from support.exporter import Daemon
from support.project import PROJECT
from support.tmux import Terminal

LIBRARIES = pathlib.Path("/usr/lib", sysconfig.get_config_var("MULTIARCH"))

pytestmark = [
    pytest.mark.usefixtures("fresh_network_namespace"),
    pytest.mark.skipif(os.environ.get("TIMEWAIT_SANITIZE", "") != "", reason="nothing with a sanitizer is installed"),
]


@pytest.fixture(scope="module", name="bundle")
def installed(tmp_path_factory):
    """The folder that holds bin/ and lib/; a space in its name is the least that a shell script would stumble over."""
    folder = tmp_path_factory.mktemp("a bundle")
    build = pathlib.Path(exporter.binary()).parent
    subprocess.run(["cmake", "--install", build, "--component", "bundle", "--strip", "--prefix", folder],
                   capture_output=True, timeout=60, check=True)
    return folder


@pytest.fixture(name="launcher")
def its_launcher(bundle, monkeypatch):
    """The exporter's. It and the other one are what the other tests' helpers start, too."""
    launcher = bundle / "bin" / "timewait_exporter"
    monkeypatch.setenv("TIMEWAIT_EXPORTER", str(launcher))
    monkeypatch.setenv("TIMEWAIT", str(launcher.with_name("timewait")))
    return launcher


def version(*command, **options):
    result = subprocess.run([*command, "--version"], capture_output=True, text=True, timeout=20, check=False, **options)
    return result.stdout.split(",")[0], result.stderr


PROGRAMS = ("timewait", "timewait_exporter")
STARTED = ("timewait_exporter", "")


def files_in_memory(process):
    maps = pathlib.Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8")
    return {pathlib.Path(path) for path in re.findall(r" (/.*)$", maps, re.MULTILINE)}


@pytest.mark.usefixtures("launcher")
def test_it_runs_with_nothing_of_the_host(bundle, tmp_path):
    """Under TLS, since GnuTLS is what would look for modules and settings."""
    authority = Authority(tmp_path / "authority")
    certificate, key = authority.issue("server")
    web_config = tmp_path / "web.yml"
    web_config.write_text(f"tls_server_config: {{cert_file: {certificate}, key_file: {key}}}\n", encoding="utf-8")
    environment = {**os.environ, "LD_PRELOAD": str(LIBRARIES / "libgmp.so.10"), "LD_LIBRARY_PATH": str(LIBRARIES)}
    with Daemon(f"--web.config.file={web_config}", tls=authority.trusted_by(), env=environment) as daemon:
        assert daemon.scrape().get("timewait_exporter_source_info", source="netlink") == 1
        files = files_in_memory(daemon.process)
        shipped = bundle / "lib" / "timewait_exporter"
        assert {(shipped / name).resolve() for name in ("libgnutls.so.30", "loader/timewait_exporter")} <= files
        assert {path for path in files if bundle not in path.parents} == set()


@pytest.fixture(name="watching")
def _watching(launcher):
    """A process of timewait that has printed a table and goes on to."""
    assert launcher.exists()
    with subprocess.Popen([timewait.binary(), "--watch=60"], env=timewait.environment(), stdout=subprocess.PIPE,
                          text=True, encoding="utf-8") as process:
        assert process.stdout.readline().strip() != ""
        yield process
        process.terminate()


def test_the_terminals_program_runs_with_no_library_of_the_host(bundle, watching):
    """Its locale is the host's, if there is one."""
    libraries = {path for path in files_in_memory(watching) if ".so" in path.name or os.access(path, os.X_OK)}
    shipped = bundle / "lib" / "timewait_exporter"
    assert {(shipped / name).resolve() for name in ("libunistring.so.2", "loader/timewait")} <= libraries
    assert {path for path in libraries if bundle not in path.parents} == set()


@pytest.mark.usefixtures("launcher")
def test_it_is_seen_under_its_own_name():
    with Daemon() as daemon:
        process = pathlib.Path(f"/proc/{daemon.process.pid}")
        assert (process / "comm").read_text(encoding="utf-8") == "timewait_export\n"  # the kernel keeps 15 bytes
        assert (process / "cmdline").read_bytes().split(b"\0")[0] == b"timewait_exporter"


def test_the_terminals_program_too(watching):
    process = pathlib.Path(f"/proc/{watching.pid}")
    assert (process / "comm").read_text(encoding="utf-8") == "timewait\n"
    assert (process / "cmdline").read_bytes().split(b"\0")[0] == b"timewait"


@pytest.mark.usefixtures("launcher")
def test_arguments_and_exit_codes_get_through():
    result = exporter.run("--log.level=a b")
    assert result.returncode == 2
    assert result.stderr.startswith("timewait_exporter: ") and '"a b"' in result.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_empty_root_without_proc(bundle, program):
    assert version(f"/bin/{program}", preexec_fn=lambda: os.chroot(bundle)) == (program, "")


def test_a_terminal_that_the_host_does_not_know(bundle):
    """Nothing is there, not even proc, and so no figures; but the screen of `timewait top`."""
    with Terminal() as terminal:
        terminal.enter(shlex.join(["chroot", str(bundle), "/bin/timewait", "top"]))
        terminal.wait_for("own network namespace", "q quit")
        terminal.press("q")
        terminal.wait_for_prompt()


def test_started_through_a_link_or_the_path(launcher, tmp_path):
    link = tmp_path / "exporter"
    link.symlink_to(launcher)
    assert version(link) == STARTED
    assert version("sh", "-c", "timewait_exporter --version", env={"PATH": f"{launcher.parent}:/usr/bin"}) == STARTED
    assert version("./timewait_exporter", cwd=launcher.parent) == STARTED


def test_a_link_without_proc(bundle, tmp_path):
    """A root with a proc that is empty, and the launcher called by a relative link."""
    root = tmp_path / "root"
    (root / "tmp").mkdir(parents=True)
    subprocess.run(["cp", "-a", bundle, root / "bundle"], check=True, timeout=60)
    (root / "tmp" / "exporter").symlink_to("../bundle/bin/timewait_exporter")

    def enter():
        os.chroot(root)
        os.chdir("/tmp")

    assert version("./exporter", preexec_fn=enter) == STARTED


def test_a_folder_that_the_loader_would_misread(bundle, tmp_path):
    folder = tmp_path / "a:b"
    folder.symlink_to(bundle)
    subprocess.run(["cp", "-a", bundle, tmp_path / "c:d"], check=True, timeout=60)
    assert version(folder / "bin" / "timewait_exporter") == STARTED  # the link is not what counts
    _, error = version(tmp_path / "c:d" / "bin" / "timewait_exporter")
    assert "cannot be started from a folder with ':'" in error


def test_a_program_without_its_libraries_says_so(launcher, tmp_path):
    alone = tmp_path / "bin" / "timewait_exporter"
    alone.parent.mkdir()
    alone.write_bytes(launcher.read_bytes())
    alone.chmod(0o755)
    _, error = version(alone)
    assert re.fullmatch(r"timewait_exporter: cannot execute .*/loader/timewait_exporter: No such file or directory\n",
                        error)


def test_the_libraries_are_debians_to_the_byte(bundle):
    libraries = [file for file in (bundle / "lib" / "timewait_exporter").glob("*.so*") if not file.is_symlink()]
    assert len(libraries) > 20
    changed = [file.name for file in libraries
               if file.read_bytes() != (LIBRARIES / file.name).read_bytes()]
    assert changed == []


def test_every_library_has_its_licence_and_its_version(bundle):
    documents = bundle / "share" / "doc" / "timewait-exporter" / "libraries"
    packages = {line.split()[0] for line in (documents / "versions.txt").read_text().splitlines()[1:]}
    assert {"libc6", "libgnutls30", "libstdc++6", "libcli11-dev", "ncurses-base"} <= packages
    assert {file.name for file in documents.glob("*.copyright")} == {f"{name}.copyright" for name in packages}
    assert (documents / "common-licenses" / "LGPL-2.1").is_file()


def test_no_path_of_the_build_is_inside(bundle):
    for program in PROGRAMS:
        for folder in ("bin", "lib/timewait_exporter"):
            assert str(PROJECT).encode() not in (bundle / folder / program).read_bytes()


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_program_looks_for_libraries_nowhere_else(bundle, program):
    dynamic = subprocess.run(["readelf", "-d", "-n", bundle / "lib/timewait_exporter" / program],
                             capture_output=True, text=True, timeout=20, check=True).stdout
    assert "libstdc++.so" in dynamic and "RPATH" not in dynamic and "RUNPATH" not in dynamic
    assert "Build ID: " in dynamic
