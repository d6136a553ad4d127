"""The hooks of the Elastic Beanstalk bundles: what they do to an instance, and that they never fail a deployment."""

import re
import shutil

import pytest

from support.beanstalk import BeanstalkInstance

pytestmark = pytest.mark.usefixtures("root_rights")

DEPLOYMENT = "hooks/prebuild/50_timewait_exporter.sh"
CONFIGURATION_DEPLOYMENT = "confighooks/prebuild/50_timewait_exporter.sh"
CONFIGURATION = "/etc/timewait_exporter/config.yml"
DROP_IN = "/etc/systemd/system/timewait_exporter.service.d/log-file.conf"
TASKS = "/opt/elasticbeanstalk/tasks"
RELOAD = "systemctl reload-or-restart timewait_exporter.service"
RESTART = "systemctl restart timewait_exporter.service"
START = "systemctl enable --now timewait_exporter.service"


class Instance(BeanstalkInstance):
    """With the bundle of Java SE, as its README says to make it."""

    def __init__(self, directory):
        super().__init__(directory, "common", "java", "java-se")
        self.ours = self.staging / ".platform/timewait_exporter"
        self.bring("1.0.0")

    def bring(self, version):
        for file in self.ours.glob("*.rpm"):
            file.unlink()
        (self.ours / f"timewait_exporter-{version}-1.x86_64.rpm").write_text(f"timewait_exporter-{version}-1")

    def deploy(self, hook=DEPLOYMENT, **options):
        said, calls = self.run_hook(hook, **options)
        assert not [call for call in calls if "without a limit" in call]
        return said, [call for call in calls if call.startswith("systemctl") or call.startswith("rpm -U")]


@pytest.fixture
def instance(tmp_path):
    return Instance(tmp_path)


@pytest.fixture
def running(instance):
    instance.deploy()
    return instance


def is_warned(said):
    return "timewait_exporter: WARNING: " in said


@pytest.mark.parametrize("hook", [DEPLOYMENT, CONFIGURATION_DEPLOYMENT])
def test_a_fresh_instance(instance, hook):
    said, calls = instance.deploy(hook)
    assert not is_warned(said)
    assert calls == ["rpm -U --oldpackage --includedocs .platform/timewait_exporter/timewait_exporter-1.0.0-1.x86_64.rpm",
                     "systemctl daemon-reload", RESTART, START]
    assert instance.file(CONFIGURATION) == (instance.ours / "config.yml").read_text()
    assert "append:/var/log/timewait_exporter.log" in instance.file(DROP_IN)
    assert instance.file(f"{TASKS}/taillogs.d/timewait_exporter.conf") == "/var/log/timewait_exporter.log\n"
    assert instance.files() == sorted([
        CONFIGURATION, DROP_IN, "/etc/logrotate.d/timewait_exporter",
        *(f"{TASKS}/{name}.d/timewait_exporter.conf" for name in ("taillogs", "bundlelogs", "publishlogs"))])


@pytest.mark.parametrize("hook", [DEPLOYMENT, CONFIGURATION_DEPLOYMENT])
def test_a_second_deployment_changes_and_restarts_nothing(running, hook):
    before = {path: running.path(path).stat().st_mtime_ns for path in running.files()}
    said, calls = running.deploy(hook)
    assert said == "timewait_exporter: up to date\n"
    assert calls == [START]
    assert before == {path: running.path(path).stat().st_mtime_ns for path in running.files()}


@pytest.mark.parametrize("version", ["1.1.0", "0.9.0"])
def test_the_bundle_decides_which_version_there_is(running, version):
    running.bring(version)
    said, calls = running.deploy()
    assert f"installed timewait_exporter-{version}-1" in said
    assert calls[0].endswith(f"timewait_exporter-{version}-1.x86_64.rpm")
    assert RESTART in calls


def test_a_new_configuration_is_reloaded(running):
    (running.ours / "config.yml").write_text("poll: {interval: 7s}\n")
    said, calls = running.deploy()
    assert not is_warned(said)
    assert calls == [RELOAD, START]
    assert running.file(CONFIGURATION) == "poll: {interval: 7s}\n"


def test_what_could_not_be_applied_is_applied_by_the_next_deployment(running):
    (running.ours / "config.yml").write_text("poll: {interval: 7s}\n")
    said, _ = running.deploy(SYSTEMCTL_FAILS="reload-or-restart")
    assert is_warned(said)
    said, calls = running.deploy()
    assert not is_warned(said) and RESTART in calls
    _, calls = running.deploy()
    assert calls == [START]


def test_a_folder_in_the_place_of_a_file_is_told(running):
    running.path(CONFIGURATION).unlink()
    running.path(CONFIGURATION).mkdir()
    said, calls = running.deploy()
    assert is_warned(said) and f"{CONFIGURATION} could not be written" in said
    assert calls == [START] and list(running.path("/etc/timewait_exporter").rglob("*")) == [running.path(CONFIGURATION)]


def test_an_installed_package_without_its_program_is_told(running):
    (running.commands / "timewait_exporter").unlink()
    said, calls = running.deploy()
    assert is_warned(said) and "up to date" not in said and calls == []


def test_a_bad_configuration_is_not_put_in_place(running):
    before = running.file(CONFIGURATION)
    (running.ours / "config.yml").write_text("pol: {interval: 7s}\n")
    said, calls = running.deploy()
    assert is_warned(said) and "config.yml:1:1: pol" in said
    assert calls == [START]
    assert running.file(CONFIGURATION) == before


@pytest.mark.parametrize("content", ["", None])
def test_without_an_rpm_that_can_be_read(instance, content):
    (rpm,) = instance.ours.glob("*.rpm")
    rpm.unlink() if content is None else rpm.write_text(content)
    said, calls = instance.deploy()
    assert is_warned(said)
    assert calls == []
    assert instance.files() == []


def test_two_rpms(instance):
    (instance.ours / "timewait_exporter-1.1.0-1.x86_64.rpm").write_text("timewait_exporter-1.1.0-1")
    said, calls = instance.deploy()
    assert is_warned(said) and calls == []


def test_a_package_without_examples_leaves_the_log_in_the_journal(instance):
    (instance.directory / "log-file.conf").unlink()
    said, calls = instance.deploy()
    assert is_warned(said) and calls[-1] == START
    assert instance.files() == [CONFIGURATION]


def test_rpm_fails(instance):
    said, calls = instance.deploy(RPM_FAILS="yes")
    assert is_warned(said) and "rpm could not install timewait_exporter-1.0.0-1" in said
    assert [call for call in calls if call.startswith("systemctl")] == []


def test_a_failed_upgrade_leaves_the_old_one_running(running):
    running.bring("1.1.0")
    said, calls = running.deploy(RPM_FAILS="yes")
    assert is_warned(said)
    assert calls[1:] == [START]


@pytest.mark.parametrize("command", ["rpm", "systemctl"])
def test_a_command_that_hangs_and_does_not_heed_signals(instance, command):
    said, _ = instance.deploy(HANGS=command)
    assert is_warned(said)


def test_the_limits_together_stay_below_that_of_the_hook(instance):
    script = (instance.ours / "install.sh").read_text()
    (grace,) = re.findall(r"timeout --kill-after=(\d+)", script)
    limits = [int(seconds) for seconds in re.findall(r"\blimited (\d+) ", script)]
    restarts = len(re.findall(r"\bapplies systemctl", script))
    assert len(limits) == 7 and restarts == 2  # of which one runs
    hook = (instance.staging / ".platform" / DEPLOYMENT).read_text()
    assert sum(limits) + int(grace) * len(limits) < int(re.search(r"timeout --kill-after=\d+ (\d+)", hook)[1])


def test_the_installer_as_a_whole_has_a_limit(instance):
    (instance.ours / "install.sh").write_text("trap '' TERM\nsleep 1000\n")
    said, _ = instance.deploy(HANGS="sh")
    assert is_warned(said)


def test_systemctl_is_missing(instance):
    (instance.commands / "systemctl").unlink()
    said, _ = instance.deploy()
    assert is_warned(said)


@pytest.mark.parametrize("command", ["daemon-reload", "restart", "enable"])
def test_the_service_cannot_be_started(instance, command):
    said, _ = instance.deploy(SYSTEMCTL_FAILS=command)
    assert is_warned(said)


@pytest.mark.parametrize("folder, file", [
    ("/etc", CONFIGURATION), ("/opt", f"{TASKS}/publishlogs.d/timewait_exporter.conf")])
def test_a_disk_that_is_read_only(instance, folder, file):
    said, calls = instance.deploy(read_only=(folder,))
    assert is_warned(said) and f"{file} could not be written" in said
    assert "up to date" not in said
    assert calls[-1] == START  # it runs with what came in the package


def test_the_bundle_lacks_its_files(instance):
    shutil.rmtree(instance.ours)
    for hook in (DEPLOYMENT, CONFIGURATION_DEPLOYMENT):
        said, calls = instance.deploy(hook)
        assert is_warned(said) and calls == []


@pytest.fixture
def docker_instance(tmp_path):
    return BeanstalkInstance(tmp_path, "common", "compose", "compose-host")


STOP_NGINX = "systemctl disable --now nginx.service"


@pytest.mark.parametrize("hook", ["hooks/predeploy/50_port_80.sh", "confighooks/predeploy/50_port_80.sh"])
def test_with_compose_port_80_is_the_containers(docker_instance, hook):
    said, calls = docker_instance.run_hook(hook)
    assert calls[-1] == STOP_NGINX and "WARNING" not in said
    _, calls = docker_instance.run_hook(hook, SYSTEMCTL_FAILS="is-active")
    assert STOP_NGINX not in calls
    said, _ = docker_instance.run_hook(hook, SYSTEMCTL_FAILS="disable")
    assert "WARNING" in said
    _, calls = docker_instance.run_hook(hook, HANGS="systemctl")
    assert not [call for call in calls if "without a limit" in call]
    (docker_instance.commands / "systemctl").unlink()
    docker_instance.run_hook(hook)
