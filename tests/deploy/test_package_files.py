"""The files of the packages that can be checked without making one."""

import re
import subprocess

import pytest

from support import exporter
from support.project import PROJECT

PACKAGES = PROJECT / "deploy" / "packages"
SCRIPTS = [*sorted((PACKAGES / "deb").glob("p*")), *sorted((PACKAGES / "rpm").glob("*.sh")),
           *sorted((PROJECT / "cmd").glob("*/completion.bash")), PACKAGES / "options"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_scripts(script):
    shell = "bash" if script.suffix == ".bash" else "sh"
    # SC2034: what a file sets for others. SC1091: none is read.
    result = subprocess.run(["shellcheck", "--severity=style", "--exclude=SC2034", f"--shell={shell}", script],
                            capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout) == (0, "")


def test_all_scripts_are_checked():
    assert [script.name for script in SCRIPTS] == [
        "postinst", "postrm", "prerm", "post.sh", "postun.sh", "preun.sh", "completion.bash", "completion.bash", "options"]


def test_the_configuration_of_the_packages_is_valid_as_it_is_and_without_its_comments(tmp_path):
    text = (PACKAGES / "config.yml").read_text(encoding="utf-8")
    example = text.split("\n#\n")[-1]
    bare = tmp_path / "config.yml"
    bare.write_text(re.sub(r"^# ", "", example, flags=re.MULTILINE), encoding="utf-8")
    for file in (PACKAGES / "config.yml", bare):
        result = exporter.run("--config.check", f"--config.file={file}")
        assert result.returncode == 0, result.stderr
    assert bare.read_text(encoding="utf-8").startswith("peers:\n  - name: tomcat\n")
