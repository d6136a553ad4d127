"""The includes of src/ and cmd/ are those that the table of rooms in ARCHITECTURE.md allows, and all of those."""

from pathlib import Path

import pytest

from include_edges import problems_of

PROJECT = Path(__file__).resolve().parents[2]

# A tree that is in order; each test below spoils one thing.
TABLE = """# Architecture

## Rooms
Any text.

| room | holds | may include | headers of libraries only here |
|---|---|---|---|
| base | values | - | |
| `web` | a server | `base` | microhttpd.h, `openssl/` |
| cmd/program | main | web | |

## Another table
| room | holds | may include | headers of libraries only here |
|---|---|---|---|
| attic | nothing | base | |
"""
FILES = {
    "ARCHITECTURE.md": TABLE,
    "src/CMakeLists.txt": "",
    "src/base/value.h": "#pragma once\n#include <string>\n#include <sys/types.h>\n",
    "src/base/value.cpp": '#include "base/value.h"\n\n#include <unistd.h>\n// as in #include "no/where.h"\n',
    "src/web/server.h": '#pragma once\n#include "base/value.h"\n',
    "src/web/server.cpp": '#include "web/server.h"\n#include <microhttpd.h>\n# include  <openssl/ssl.h>\n',
    "cmd/program/main.cpp": '#include "web/server.h"\n',
}


def problems_with(tmp_path, changes):
    for name, text in (FILES | changes).items():
        if text is None:
            continue
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return problems_of(tmp_path)


def test_project():
    assert problems_of(PROJECT) == []


def test_tree_in_order(tmp_path):
    assert problems_with(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"src/attic/a.cpp": ""}, "attic is a folder, and not in the table"),
        ({"cmd/tool/main.cpp": ""}, "cmd/tool is a folder, and not in the table"),
        (
            {"ARCHITECTURE.md": TABLE.replace("| cmd/program", "| attic | - | | |\n| cmd/program")},
            "attic is in the table, and not a folder",
        ),
        (
            {"cmd/program/other.cpp": '#include "base/value.h"\n'},
            'cmd/program/other.cpp includes "base/value.h", and cmd/program may not include base',
        ),
        (
            {"src/web/deep/other.cpp": '#include "deep/no.h"\n'},
            'src/web/deep/other.cpp includes "deep/no.h", which is not a file of src/',
        ),
        (
            {"src/web/other.cpp": '#include "server.h"\n'},
            'src/web/other.cpp includes "server.h", which is not a file of src/',
        ),
        ({"src/web/server.h": ""}, "the table lets web include base, and no file does"),
        (
            {"src/base/other.cpp": "#include <microhttpd.h>\n"},
            "src/base/other.cpp includes <microhttpd.h>, which only web may",
        ),
        (
            {"src/base/other.cpp": "#include <openssl/evp.h>\n"},
            "src/base/other.cpp includes <openssl/evp.h>, which only web may",
        ),
        (
            {"src/web/other.cpp": "#include <boost/any.hpp>\n"},
            "src/web/other.cpp includes <boost/any.hpp>, which is in no row of the table",
        ),
        (
            {"src/web/server.cpp": "#include <microhttpd.h>\n"},
            "the table gives web the library header openssl/, and no file includes it",
        ),
        (
            {
                "ARCHITECTURE.md": TABLE.replace("| values | -", "| values | web"),
                "src/base/other.cpp": '#include "web/server.h"\n',
            },
            "the rooms include each other in a circle: base -> web -> base",
        ),
    ],
)
def test_one_thing_out_of_order(tmp_path, changes, problem):
    assert problems_with(tmp_path, changes) == [problem]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("# Architecture\n", "no heading"),
        (TABLE.replace("| a server", ""), "not four columns"),
        (TABLE.replace("| cmd/program", "| base | - | - | - |\n| cmd/program"), "two rows for base"),
    ],
)
def test_table_that_cannot_be_read(tmp_path, table, reason):
    with pytest.raises(ValueError, match=reason):
        problems_with(tmp_path, {"ARCHITECTURE.md": table})
