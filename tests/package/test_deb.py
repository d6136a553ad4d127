"""Debian's package: as Debian wants it; installed and purged where no systemd runs, as in the making of an image."""

import subprocess

from support import packages
from support.project import PROJECT
from support.rootfs import files, in_root, run, unpack


def test_lintian_finds_nothing():
    result = subprocess.run(["lintian", "--pedantic", "--fail-on=error,warning,pedantic", packages.deb()],
                            capture_output=True, text=True, timeout=300, check=False)
    assert (result.returncode, result.stdout) == (0, "")


def files_of(folder):
    """Of deploy/, those that are shipped: not what they are written from."""
    paths = (path.relative_to(PROJECT / "deploy") for path in (PROJECT / "deploy" / folder).rglob("[!.]*.*"))
    return [path for path in paths if path.parts[1] != "source"]


def test_what_is_inside(tmp_path):
    run("dpkg-deb", "-x", packages.deb(), tmp_path)
    inside = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if not path.is_dir()}
    documents = "usr/share/doc/timewait-exporter"
    drop_ins = {path for path in inside if path.startswith(f"{documents}/examples/drop-ins/")}
    assert f"{documents}/examples/drop-ins/socket.conf" in drop_ins
    to_watch = {f"{documents}/{path}" for folder in ("grafana", "prometheus", "runbooks") for path in files_of(folder)}
    assert {f"{documents}/prometheus/rules/alerts.yml", f"{documents}/runbooks/fixes.md",
            f"{documents}/grafana/dashboards/timewait-exporter.json"} <= to_watch
    assert inside - drop_ins - to_watch == {
        "etc/default/timewait_exporter",
        "etc/timewait_exporter/config.yml",
        "usr/bin/timewait",
        "usr/bin/timewait_exporter",
        "usr/lib/systemd/system-preset/50-timewait_exporter.preset",
        "usr/lib/systemd/system/timewait_exporter.service",
        "usr/lib/systemd/system/timewait_exporter.socket",
        "usr/share/bash-completion/completions/timewait",
        "usr/share/bash-completion/completions/timewait_exporter",
        f"{documents}/CHANGELOG.md",
        f"{documents}/changelog.gz",
        f"{documents}/copyright",
        f"{documents}/examples/full.yml",
        f"{documents}/examples/minimal.yml",
        f"{documents}/examples/web-config.yml",
        "usr/share/man/man1/timewait.1.gz",
        "usr/share/man/man8/timewait_exporter.8.gz",
    }
    assert to_watch <= inside


def test_what_it_says_of_itself():
    assert packages.deb_field("Package") == "timewait-exporter"
    assert packages.deb_field("Version") == packages.version()
    assert {"libgnutls30", "libmicrohttpd12", "libncursesw6", "libsystemd0"} <= set(packages.deb_dependencies())


def test_installed_and_purged_in_a_root_without_systemd(tmp_path):
    root = unpack("bookworm", tmp_path, packages.deb_dependencies())
    before = files(root)
    run("cp", packages.deb(), root / "package.deb")
    run(*in_root(root), "dpkg", "--install", "/package.deb")
    for program in packages.PROGRAMS:
        assert packages.tells_version(program, run(*in_root(root), program, "--version"))
    enabled = root / "etc/systemd/system/multi-user.target.wants/timewait_exporter.service"
    assert enabled.is_symlink()
    run(*in_root(root), "dpkg", "--purge", "timewait-exporter")
    (root / "package.deb").unlink()
    assert files(root) - before == set()
