"""Every link within the project's Markdown files leads to something: a file, a folder, a heading of a file."""

import pytest

from support import markdown
from support.project import PROJECT

FOLDERS = ("cmd", "config", "deploy", "src", "systemd", "tests")


def documents(tree):
    yield from sorted(tree.glob("*.md"))
    for folder in FOLDERS:
        yield from sorted((tree / folder).rglob("*.md"))


def leads_somewhere(document, target):
    path, _, anchor = target.partition("#")
    file = document.parent / path if path else document
    if not file.exists():
        return False
    return not anchor or anchor in markdown.anchors(file.read_text(encoding="utf-8"))


def broken_links(tree):
    """Those that stay in the tree and lead nowhere: "FILE: TARGET"."""
    return [f"{document.relative_to(tree)}: {target}"
            for document in documents(tree)
            for target in markdown.targets(document.read_text(encoding="utf-8"))
            if "://" not in target and not leads_somewhere(document, target)]


def test_links_of_the_project():
    assert len(list(documents(PROJECT))) > 20
    assert broken_links(PROJECT) == []


@pytest.mark.parametrize(("line", "broken"), [
    ("[other](deploy/other.md)", []),
    ("[folder](deploy) and [the web](https://example.org/no/where)", []),
    ("[heading](deploy/other.md#what-connect-does-and-why)", []),
    ("[Korean](deploy/other.md#포트는-어떻게-세는가)", []),
    ("[second](deploy/other.md#twice-1)", []),
    ("[own](#here)", []),
    ("`[code](no.md)`", []),
    ("```\n[code](no.md)\n```", []),
    ("[file](no.md)", ["README.md: no.md"]),
    ("![picture](no.svg)", ["README.md: no.svg"]),
    ("[![picture](no.svg)](deploy)", ["README.md: no.svg"]),
    ("[heading](deploy/other.md#no)", ["README.md: deploy/other.md#no"]),
    ("[own](#there)", ["README.md: #there"]),
    ("```\n# there\n```\n[no heading](#there)", ["README.md: #there"]),
])
def test_links_of_a_line(tmp_path, line, broken):
    (tmp_path / "README.md").write_text(f"# Here\n\n{line}\n", encoding="utf-8")
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/other.md").write_text(
        "# What `connect()` does, and why\n## 포트는 어떻게 세는가?\n## Twice\n## Twice\n", encoding="utf-8")
    assert broken_links(tmp_path) == broken
