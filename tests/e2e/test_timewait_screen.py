"""What `timewait` makes of what reads it: a terminal of some width and locale, a pipe, a file."""

import os
import re
import subprocess
import unicodedata

import pytest

from support import netns, timewait
from support.sockets import connect_until_exhausted, established, listen

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

ESCAPE = "\x1b"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
NAME = "주문-데이터베이스"  # each letter takes two columns


@pytest.fixture(name="config")
def _config(tmp_path, keep):
    """A host that has something to show in colour, and a name beyond ASCII."""
    netns.sysctl("ipv4.ip_local_port_range", "40000 40019")
    file = tmp_path / "timewait.yml"
    file.write_text(f"peers: [{{name: {NAME}, match: [{{port: 9000}}]}}]\n", encoding="utf-8")
    keep(listen("127.0.0.2", 9000))
    keep(*connect_until_exhausted("127.0.0.2", 9000))
    keep(*established(keep(listen("127.0.0.3", 80)), source="127.0.0.4"))
    return f"--config.file={file}"


def width(character):
    if unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def widest(text):
    return max(sum(map(width, line)) for line in COLOURS.sub("", text).splitlines())


def test_colour_is_for_terminals(config):
    code, shown = timewait.run_on_terminal(config, columns=120)
    assert code == 0
    assert ESCAPE + "[31m" in shown or ESCAPE + "[1m" in shown
    assert ESCAPE not in timewait.table(config)
    # No colour is left on at the end of a line, and colour is all there is of escape codes.
    assert ESCAPE not in COLOURS.sub("", shown)
    assert all(COLOURS.findall(line)[-1] == ESCAPE + "[0m" for line in shown.splitlines() if ESCAPE in line)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"NO_COLOR": "0"}, {"TERM": "dumb"}, {"TERM": None}])
def test_colour_is_not_for_everybody(config, variables):
    _, shown = timewait.run_on_terminal(config, columns=120, env=variables)
    assert ESCAPE not in shown


def test_an_empty_no_color_means_nothing(config):
    _, shown = timewait.run_on_terminal(config, columns=120, env={"NO_COLOR": ""})
    assert ESCAPE in shown


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
def test_lines_fit_the_terminal(config, columns):
    _, shown = timewait.run_on_terminal(config, columns=columns)
    assert widest(shown) <= columns
    assert "20/20" in shown  # used and capacity are always there


@pytest.mark.parametrize("terminal, variables, columns", [
    (200, {"COLUMNS": "60"}, 60),  # what is asked for goes before what is there
    (60, {"COLUMNS": "0"}, 60), (60, {"COLUMNS": "wide"}, 60), (60, {"COLUMNS": ""}, 60), (60, {"COLUMNS": "60x"}, 60),
    (0, {}, 80),  # a terminal that does not say
])
def test_how_wide_the_terminal_is(config, terminal, variables, columns):
    _, shown = timewait.run_on_terminal(config, columns=terminal, env=variables)
    _, same = timewait.run_on_terminal(config, columns=columns)
    _, another = timewait.run_on_terminal(config, columns=140)
    assert shown == same != another


def test_what_is_no_terminal_has_no_width(config):
    whole = timewait.table(config)
    assert widest(whole) > 100
    assert widest(timewait.table(config, env={"COLUMNS": "60"})) <= 60


@pytest.mark.parametrize("variables, is_utf8", [
    ({"LC_ALL": "C.UTF-8"}, True),
    ({"LC_ALL": None, "LANG": "C.UTF-8"}, True),
    ({"LC_ALL": None, "LC_CTYPE": "C.UTF-8", "LANG": "C"}, True),
    ({"LC_ALL": "C"}, False),
    ({"LC_ALL": "C", "LANG": "C.UTF-8"}, False),
    ({"LC_ALL": None}, False),
    # What no host has: the name tells.
    ({"LC_ALL": "tlh_KX.UTF-8"}, True),
    ({"LC_ALL": "tlh_KX.utf8@okrand"}, True),
    ({"LC_ALL": "tlh_KX.ISO-8859-1"}, False),
    ({"LC_ALL": "tlh_KX"}, False),
])
def test_utf8_or_ascii_by_locale(config, variables, is_utf8):
    text = timewait.table(config, env=variables)
    assert (NAME in text) == is_utf8
    assert text.isascii() == (not is_utf8)


def test_json_is_the_same_on_a_terminal(config):
    _, shown = timewait.run_on_terminal("--json", config, columns=40, env={"LC_ALL": "C"})
    assert ESCAPE not in shown and NAME in shown and len(shown.splitlines()) == 1


def test_a_host_without_connections(keep):
    keep(listen("127.0.0.2", 9000))
    text = timewait.table()
    assert "no outbound connections" in text and "PEER" not in text
    assert "127.0.0.2:9000" in text


@pytest.mark.parametrize("command", [[], ["diagnose"]])
def test_who_waits_is_told_so(command, config):
    """Only on a terminal, and not where the figures go."""
    ours, its = os.openpty()
    with os.fdopen(its, "wb") as stderr:
        subprocess.run([timewait.binary(), *command, config], stdout=subprocess.PIPE, stderr=stderr, timeout=20,
                       check=False)
    said = b""
    try:
        while True:
            said += os.read(ours, 1000)
    except OSError:
        os.close(ours)
    assert said == (b"timewait: watching the sockets for 6 seconds\r\n" if command else b"")
