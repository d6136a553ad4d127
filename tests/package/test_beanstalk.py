"""The installer of the Elastic Beanstalk bundle with the real rpm and the real package, in the root of another release
than Debian 12; systemctl is recorded."""

import shutil

from support import packages
from support.beanstalk import BeanstalkInstance
from support.rootfs import run, unpack

HOOK = "hooks/prebuild/50_timewait_exporter.sh"
CONFIGURATION = "/etc/timewait_exporter/config.yml"

# Queries of a file are asked as they are; the database is the instance's, and does not know that there is a /bin/sh.
RPM = """#!/bin/sh
PATH=/usr/bin:/bin
case $1 in
  -qp) exec /usr/bin/rpm "$@" ;;
  -q) exec /usr/bin/rpm --root {root} --dbpath /var/lib/rpm "$@" ;;
  *) exec /usr/bin/rpm --root {root} --dbpath /var/lib/rpm --nodeps "$@" ;;
esac
"""


def test_installed_left_alone_and_brought_back(tmp_path):
    instance = BeanstalkInstance(tmp_path, "common", "java", "java-se")
    unpack("trixie", instance.root)
    instance.replace_command("rpm", RPM.format(root=instance.root))
    (instance.commands / "timewait_exporter").symlink_to(instance.path("/usr/bin/timewait_exporter"))
    ours = instance.staging / ".platform/timewait_exporter"
    shutil.copy(packages.rpm(), ours)

    said, calls = instance.run_hook(HOOK)
    assert "WARNING" not in said and f"installed timewait-exporter-{packages.version()}-1" in said
    assert calls[-1] == "systemctl enable --now timewait_exporter.service"
    assert instance.file(CONFIGURATION) == (ours / "config.yml").read_text()
    assert "append:" in instance.file("/etc/systemd/system/timewait_exporter.service.d/log-file.conf")

    said, calls = instance.run_hook(HOOK)
    assert said == "timewait_exporter: up to date\n"
    assert calls == ["systemctl enable --now timewait_exporter.service"]

    (ours / "config.yml").write_text("poll: {intervall: 5s}\n")
    said, _ = instance.run_hook(HOOK)
    assert "config.yml:1:8: poll.intervall" in said
    assert "name: app" in instance.file(CONFIGURATION)

    run("rpm", "--root", instance.root, "--dbpath", "/var/lib/rpm", "--nodeps", "--erase", "timewait-exporter")
    said, _ = instance.run_hook(HOOK)
    assert f"installed timewait-exporter-{packages.version()}-1" in said
    assert instance.path("/usr/bin/timewait_exporter").exists()


def test_a_damaged_package_is_not_installed(tmp_path):
    instance = BeanstalkInstance(tmp_path, "common", "java", "java-se")
    unpack("trixie", instance.root)
    instance.replace_command("rpm", RPM.format(root=instance.root))
    damaged = instance.staging / ".platform/timewait_exporter" / packages.rpm().name
    content = packages.rpm().read_bytes()
    damaged.write_bytes(content[:len(content) // 2])
    said, calls = instance.run_hook(HOOK)
    assert "timewait_exporter: WARNING: rpm could not install" in said
    assert calls == [] and not instance.path("/usr/bin/timewait_exporter").exists()
