"""What the files for containers say of the program is true of it."""

import re

import yaml

from support import exporter
from support.project import PROJECT

FOLDER = PROJECT / "deploy/container"


def read(name):
    return (FOLDER / name).read_text(encoding="utf-8")


def documents():
    return {each["kind"]: each for each in yaml.safe_load_all(read("kubernetes.yml"))}


def container():
    return documents()["DaemonSet"]["spec"]["template"]["spec"]["containers"][0]


def check(configuration, tmp_path, flags):
    """The program takes these flags, with this text as what they call /etc/timewait_exporter/config.yml."""
    file = tmp_path / "config.yml"
    file.write_text(configuration, encoding="utf-8")
    moved = [flag.replace("/etc/timewait_exporter/config.yml", str(file)) for flag in flags]
    assert moved != flags
    result = exporter.run(*moved, "--config.check")
    assert (result.returncode, result.stderr) == (0, "")


def test_the_images_own_configuration_is_valid(tmp_path):
    flags = yaml.safe_load(re.search(r"^CMD (\[.*\])$", read("Dockerfile"), re.MULTILINE).group(1))
    check(read("config.yml"), tmp_path, flags)


def test_the_configuration_for_kubernetes_is_valid(tmp_path):
    check(documents()["ConfigMap"]["data"]["config.yml"], tmp_path, container()["args"])


def test_kubernetes_asks_what_the_program_answers():
    paths = [container()[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe")]
    with exporter.Daemon() as daemon:
        daemon.scrape_after_poll()
        assert [daemon.get(path)[0] for path in paths] == [200, 200]


def test_kubernetes_runs_the_user_of_the_image():
    user, group = re.search(r"^USER (\d+):(\d+)$", read("Dockerfile"), re.MULTILINE).groups()
    security = documents()["DaemonSet"]["spec"]["template"]["spec"]["securityContext"]
    assert (security["runAsUser"], security["runAsGroup"]) == (int(user), int(group))


def test_the_version_is_the_projects():
    project = re.search(r"^project\(timewait_exporter VERSION (\S+)", (PROJECT / "CMakeLists.txt").read_text("utf-8"),
                        re.MULTILINE).group(1)
    named = {file: set(re.findall(r"timewait_exporter:([0-9.]+\d)", read(file)))
             for file in ("compose.yml", "kubernetes.yml", "README.md")}
    assert named == {file: {project} for file in named}
