"""The files of the packages that can be checked without making one."""

import re
import subprocess

import pytest

from support import exporter
from support.project import PROJECT

PACKAGES = PROJECT / "deploy" / "packages"


def test_the_configuration_of_the_packages_is_valid_as_it_is_and_without_its_comments(tmp_path):
    text = (PACKAGES / "config.yml").read_text(encoding="utf-8")
    example = text.split("\n#\n")[-1]
    bare = tmp_path / "config.yml"
    bare.write_text(re.sub(r"^# ", "", example, flags=re.MULTILINE), encoding="utf-8")
    for file in (PACKAGES / "config.yml", bare):
        result = exporter.run("--config.check", f"--config.file={file}")
        assert result.returncode == 0, result.stderr
    assert bare.read_text(encoding="utf-8").startswith("peers:\n  - name: tomcat\n")
