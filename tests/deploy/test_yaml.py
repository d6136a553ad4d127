"""Every YAML file that is there to be copied is clean, and so are the rules' tests."""

import subprocess

from support.project import PROJECT

RULES = "{extends: default, rules: {line-length: {max: 125}, document-start: disable}}"
SUFFIXES = {".yml", ".yaml", ".config"}


def test_yamllint_finds_nothing():
    folders = (PROJECT / "config", PROJECT / "deploy", PROJECT / "tests/deploy/rules")
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES]
    assert PROJECT / "deploy/container/kubernetes.yml" in files
    result = subprocess.run(["yamllint", "--strict", "-d", RULES, *files], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout + result.stderr) == (0, "")
