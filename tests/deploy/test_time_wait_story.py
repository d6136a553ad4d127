"""deploy/time-wait: the story is the same in both languages, and its figures are those of the lab."""

import json
import subprocess

import pytest

from lab import story
from support import markdown
from support.project import PROJECT

FOLDER = PROJECT / "deploy/time-wait"
ENGLISH, KOREAN = ((FOLDER / name).read_text(encoding="utf-8") for name in ("README.md", "README.ko.md"))


def levels(text):
    return [level for level, _ in markdown.headings(text)]


def links(text):
    """All but those from one language to the other."""
    return [target for target in markdown.targets(text) if not target.startswith("README.")]


@pytest.mark.parametrize("what", [levels, links, markdown.pictures, markdown.code_blocks])
def test_both_languages_have_the_same(what):
    assert what(ENGLISH)
    assert what(KOREAN) == what(ENGLISH)


def test_both_languages_have_the_same_figures_in_each_section():
    assert [markdown.figures(section) for section in markdown.sections(KOREAN)] == [
        markdown.figures(section) for section in markdown.sections(ENGLISH)]


def test_every_picture_is_shown():
    assert {file.name for file in FOLDER.glob("*.svg")} == set(markdown.pictures(ENGLISH))


@pytest.mark.parametrize("text", [ENGLISH, KOREAN], ids=["English", "Korean"])
def test_the_figures_of_the_lab_are_those_of_its_file(text):
    assert story.filled(text, json.loads((FOLDER / "lab.json").read_text(encoding="utf-8"))) == text


def test_the_experiment_comes_out_as_told(fresh_network_namespace):
    [(commands, outcome)] = [pair for pair in zip(markdown.code_blocks(ENGLISH), markdown.code_blocks(ENGLISH)[1:])
                             if pair[0].startswith("sudo unshare")]
    inside = commands.partition("\n")[2]  # the first line makes the namespace
    result = subprocess.run(["unshare", "--pid", "--fork", "--kill-child", "sh", "-c", inside], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, timeout=120, check=True)
    assert result.stdout == outcome
