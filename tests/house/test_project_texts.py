"""What holds for every file of the project."""

import re
import shutil
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

TOP_LEVEL = {
    ".ci", ".clang-format", ".clang-tidy", ".gitattributes", ".gitignore", "ARCHITECTURE.md", "CHANGELOG.md",
    "CMakeLists.txt", "CMakePresets.json", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md", "cmd", "config", "deploy", "dev",
    "src", "systemd", "tests",
}
POSTPONED = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")


def files(*folders):
    for folder in folders:
        for path in sorted((PROJECT / folder).rglob("*")):
            if path.is_file() and not {"__pycache__", ".pytest_cache"} & set(path.parts):
                yield path


def names(paths):
    return [str(path.relative_to(PROJECT)) for path in paths]


def cmake_words(list_file):
    text = re.sub(r"#.*", "", list_file.read_text(encoding="utf-8"))
    return set(re.split(r'[\s()"]+', text))


def is_built(source):
    """Whether the nearest CMakeLists.txt above the source names it."""
    folder = next(above for above in source.parents if (above / "CMakeLists.txt").is_file())
    return str(source.relative_to(folder)) in cmake_words(folder / "CMakeLists.txt")


def test_nothing_is_postponed():
    everything = files("cmd", "config", "deploy", "src", "systemd", "tests")
    assert names(file for file in everything if POSTPONED.search(file.read_text("utf-8", "replace"))) == []


def test_headers_have_a_guard():
    headers = [file for file in files("src", "cmd", "deploy", "tests") if file.suffix == ".h"]
    assert names(file for file in headers if "\n#pragma once\n" not in "\n" + file.read_text(encoding="utf-8")) == []


def test_sources_are_built():
    sources = [file for file in files("src", "cmd", "deploy", "tests/unit", "tests/netns") if file.suffix == ".cpp"]
    assert sources
    assert names(file for file in sources if not is_built(file)) == []


def test_black_box_tests_are_run():
    run = cmake_words(PROJECT / "tests" / "CMakeLists.txt")
    suites = [PROJECT / "tests" / name for name in ("deploy", "e2e", "house", "instruments", "netns")]
    assert names(file for folder in suites for file in sorted(folder.glob("test_*.py")) if file.name not in run) == []


def tracked():
    """What git has; None where it cannot tell."""
    if not shutil.which("git"):
        return None
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True,
                            check=False)
    return listed.stdout.split("\0")[:-1] if listed.returncode == 0 else None


def test_top_level_holds_what_belongs_there():
    """What else a developer has there, or a machine that builds it, is theirs."""
    there = tracked() or [entry.name for entry in PROJECT.iterdir() if entry.name in TOP_LEVEL]
    assert {name.split("/")[0] for name in there} == TOP_LEVEL
