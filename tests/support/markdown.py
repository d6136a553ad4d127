"""What a Markdown file holds, as far as tests ask for it: headings, links, pictures, blocks of code, figures."""

import re

_BLOCK = re.compile(r"^[ ]*```[^\n]*\n(.*?)^[ ]*```[ ]*$", re.MULTILINE | re.DOTALL)
_INLINE_CODE = re.compile(r"(`+).+?\1", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$", re.MULTILINE)
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|!\[[^\]]*\]\([^)]*\))*)\]\(([^()\s]+)\)")
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")


def code_blocks(text):
    return _BLOCK.findall(text)


def headings(text):
    """(level, title) of each."""
    return [(len(marks), title) for marks, title in _HEADING.findall(_BLOCK.sub("", text))]


def sections(text):
    """What stands under each heading of any level, in turn; first what stands above them all. Without blocks of code."""
    return re.split(r"^#{1,6} .*$", _BLOCK.sub("", text), flags=re.MULTILINE)


def targets(text):
    """Of all links and pictures, in turn."""
    return [target for _, _, target in _links(text)]


def pictures(text):
    return [target for mark, _, target in _links(text) if mark]


def _links(text):
    found = []
    for mark, label, target in _LINK.findall(_INLINE_CODE.sub("", _BLOCK.sub("", text))):
        found += _links(label) + [(mark, label, target)]
    return found


def figures(text):
    """The numbers that a reader sees, as they are written."""
    shown = _LINK.sub(r"\2", _BLOCK.sub("", text))
    return set(_FIGURE.findall(shown))


def anchors(text):
    """The names by which a link can point to a heading, as GitHub makes them of its title."""
    names = []
    for _, title in headings(text):
        words = _LINK.sub(r"\2", title).lower()
        name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        names.append(name if name not in names else f"{name}-{names.count(name)}")
    return set(names)
