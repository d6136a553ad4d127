"""The same commit makes the same bytes, wherever it is built and whenever."""

import os
import re
import shutil
import subprocess

from support import packages
from support.project import PROJECT
from support.rootfs import run


def git(*arguments):
    return run("git", "-C", PROJECT, *arguments).strip()


def revision_of_the_packages():
    return re.search(r"revision: (\S+)\)", run(os.environ["TIMEWAIT_EXPORTER"], "--version")).group(1)


def test_built_again_elsewhere(tmp_path):
    """From a copy of the files alone, in a path of another length; the files' times differ too."""
    copy = tmp_path / "another-place"
    names = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, names):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROJECT / name, copy / name)
        shutil.copymode(PROJECT / name, copy / name)
    environment = {**os.environ, "TIMEWAIT_REVISION": revision_of_the_packages(),
                   "SOURCE_DATE_EPOCH": git("log", "-1", "--format=%ct")}
    run("./dev", "package", cwd=copy, env=environment)
    again = (copy / "build/package/SHA256SUMS").read_text(encoding="utf-8")
    assert again == packages.find("SHA256SUMS").read_text(encoding="utf-8")


def test_an_archive_tells_its_commit():
    """What `git archive` makes has no history, but a file that names its commit."""
    file = "src/program/archived_revision.txt"
    written = run("sh", "-c", f"git -C '{PROJECT}' archive HEAD {file} | tar -xO")
    assert written.strip() == git("rev-parse", "--short", "HEAD")


def test_the_sums_are_right():
    sums = packages.find("SHA256SUMS")
    result = subprocess.run(["sha256sum", "--check", "--strict", sums.name], cwd=sums.parent, capture_output=True,
                            timeout=60, check=False)
    assert result.returncode == 0
    assert len(sums.read_text(encoding="utf-8").splitlines()) == 3
