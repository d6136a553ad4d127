"""`timewait top`, in a terminal: what it shows, and what keys do."""

import contextlib
import os
import re
import subprocess
import sys
import textwrap

import pytest

from support import netns
from support.sockets import client_time_wait, established, listen
from support.stuck_thread import held_in
from support.top import processes, start, top
from support.tmux import Terminal
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

PORTS = 100
OPEN, TIME_WAIT, FEW = "127.0.0.3:7003", "127.0.0.2:7002", "127.0.0.1:7001"  # peers, the tightest first


@pytest.fixture
def peers(fresh_network_namespace, keep):
    """Three of them, in another order by name, and by TIME_WAIT."""
    netns.sysctl("ipv4.ip_local_port_range", f"40000 {40000 + PORTS - 1}")
    netns.sysctl("ipv4.tcp_tw_reuse", 0)
    for peer, count in ((OPEN, 30), (FEW, 10)):
        listener = keep(listen(*address(peer)))
        for _ in range(count):
            keep(*established(listener))
    client_time_wait(keep(listen(*address(TIME_WAIT))), 20)


def address(peer):
    host, port = peer.split(":")
    return host, int(port)


def listed(terminal):
    """The peers, from the top."""
    return [line.split()[0] for line in terminal.lines() if re.match(r"127\.0\.0\.\d:\d+ .*/", line) and "%" in line]


def wait_for_peers(terminal, *expected):
    wait_for(lambda: listed(terminal) == list(expected))


# --- What it shows

@pytest.mark.usefixtures("peers")
def test_what_it_shows():
    with top() as terminal:
        lines = terminal.lines()
        assert re.match(r"\d\d:\d\d:\d\d  own network namespace  polled less than 1 s ago  tightest first$", lines[0])
        assert lines[2].startswith("PEER")
        assert [line.split()[0] for line in lines[3:6]] == [OPEN, TIME_WAIT, FEW]
        assert [f"{count}/{PORTS}" in line for count, line in zip((30, 20, 10), lines[3:6])] == [True] * 3
        assert any(line.startswith("LISTENER") for line in lines)
        assert any(line.startswith(f"Ephemeral ports {PORTS}") for line in lines)
        assert lines[-1].startswith("h help")
        assert terminal.is_alternate() and not terminal.cursor_is_shown()


def test_where_there_is_nothing_to_see():
    with top() as terminal:
        terminal.wait_for("Nothing is wrong.", "o outbound connections")


def test_figures_change_as_sockets_do(keep):
    listener = keep(listen("127.0.0.1", 7001))
    with top() as terminal:
        assert listed(terminal) == []
        keep(*established(listener))
        wait_for_peers(terminal, FEW)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.usefixtures("peers")
def test_one_without_rights_sees_the_same():
    with Terminal() as terminal:
        start(terminal, launcher="setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --no-new-privs")
        wait_for_peers(terminal, OPEN, TIME_WAIT, FEW)
        terminal.press("n")
        terminal.wait_for("own network namespace  (shown)", "do not tell theirs: CAP_SYS_PTRACE")


def test_the_worst_that_was_found_is_told(keep):
    netns.sysctl("ipv4.ip_local_port_range", "40000 40009")
    listener = keep(listen("127.0.0.1", 7001))
    for _ in range(10):
        keep(*established(listener))
    with top(columns=150) as terminal:
        terminal.wait_for("CRITICAL  Toward 127.0.0.1:7001, no local port is left")
        assert "\x1b[1m\x1b[38;5;160mCRITICAL" in terminal.colours()


@pytest.mark.usefixtures("peers")
def test_plain_characters_where_the_locale_has_no_others():
    with top(LC_ALL="C") as terminal:
        assert terminal.text().isascii() and listed(terminal) == [OPEN, TIME_WAIT, FEW]
    with top() as terminal:
        assert not terminal.text().isascii()


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "vt100"}])
def test_no_colours_where_none_are_wanted_or_there_are_none(variables):
    with top(**variables) as terminal:
        terminal.wait_for("Nothing is wrong.")
        assert not re.search(r"\x1b\[[0-9;]*3[0-8]", terminal.colours())
    with top() as terminal:
        terminal.wait_for("Nothing is wrong.")
        assert re.search(r"\x1b\[38;5;28mNothing is wrong", terminal.colours())


@pytest.mark.usefixtures("peers")
def test_names_of_the_configuration(tmp_path):
    config = tmp_path / "config.yml"
    config.write_text("peers: [{name: 주문, match: [{port: 7003}]}]\n", encoding="utf-8")
    with top(f"--config.file={config}") as terminal:
        terminal.wait_for("주문")
        terminal.press("/")
        terminal.type("주")
        wait_for(lambda: listed(terminal) == [])
        assert terminal.lines()[3].startswith("주문")
        terminal.type("X")
        terminal.wait_for('None of 3 peers has "주X" in its name.')
        terminal.press("BSpace")
        terminal.wait_until(lambda text: "None of" not in text)


# --- Keys

@pytest.mark.usefixtures("peers")
def test_order():
    with top() as terminal:
        wait_for_peers(terminal, OPEN, TIME_WAIT, FEW)
        terminal.press("s")
        terminal.wait_for("peers by name")
        wait_for_peers(terminal, FEW, TIME_WAIT, OPEN)
        terminal.press(">")
        terminal.wait_for("most TIME_WAIT first")
        assert listed(terminal)[0] == TIME_WAIT
        terminal.press("s")
        terminal.wait_for("most established first")
        wait_for_peers(terminal, OPEN, FEW, TIME_WAIT)
        terminal.press("r")
        terminal.wait_for("most established first, reversed")
        wait_for_peers(terminal, TIME_WAIT, FEW, OPEN)


@pytest.mark.usefixtures("peers")
def test_filter():
    with top() as terminal:
        terminal.press("/")
        terminal.wait_for("Filter:")
        assert terminal.cursor_is_shown()
        terminal.type("7002")
        wait_for_peers(terminal, TIME_WAIT)
        terminal.press("Enter")
        terminal.wait_for('filter "7002"', "h help")
        assert not terminal.cursor_is_shown()
        terminal.press("Escape")
        wait_for_peers(terminal, OPEN, TIME_WAIT, FEW)
        assert "filter" not in terminal.lines()[0]


def test_scrolling(keep):
    for number in range(1, 13):
        keep(*established(keep(listen(f"127.0.1.{number}", 80))))
    with top(rows=9) as terminal:
        def first():
            lines = terminal.lines()
            assert lines[2].startswith("PEER")
            return int(re.match(r"127\.0\.1\.(\d+):80", lines[3])[1])

        terminal.press("s")
        terminal.wait_for("peers by name")
        begin = first()
        terminal.press("Down")
        wait_for(lambda: first() != begin)
        terminal.press("Up")
        wait_for(lambda: first() == begin)
        terminal.press("End")
        terminal.wait_for("LISTENER", "Ephemeral ports")
        terminal.press("PPage", "PPage", "PPage", "PPage", "PPage", "PPage", "PPage", "PPage")
        wait_for(lambda: terminal.lines()[2].startswith("PEER") and first() == begin)
        terminal.press("NPage")
        wait_for(lambda: first() != begin)
        terminal.press("Home")
        wait_for(lambda: first() == begin)


def test_pause(keep):
    listener = keep(listen("127.0.0.1", 7001))
    keep(*established(listener))
    with top() as terminal:
        wait_for_peers(terminal, FEW)
        terminal.press("p")
        terminal.wait_for("PAUSED")
        keep(*established(keep(listen(*address(OPEN)))))
        terminal.wait_for("polled 2 s ago")  # so polls by now know of it
        assert listed(terminal) == [FEW]
        terminal.press("Space")
        terminal.wait_until(lambda text: "PAUSED" not in text)
        wait_for(lambda: set(listed(terminal)) == {FEW, OPEN})


def test_help():
    with top() as terminal:
        terminal.press("h")
        terminal.wait_for("Keys", "quit")
        terminal.press("q")
        terminal.wait_until(lambda text: "Keys" not in text and "polled" in text)


@contextlib.contextmanager
def another_namespace():
    """The number of a process in one that has a connection to port 7777."""
    with subprocess.Popen(["unshare", "-n", sys.executable, "-c", textwrap.dedent("""
            import socket, subprocess, sys
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            with socket.create_server(("127.0.0.1", 7777)) as server:
                with socket.create_connection(("127.0.0.1", 7777)):
                    print("ready", flush=True)
                    sys.stdin.read()
            """)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        yield process.pid
        process.stdin.close()


def choose(terminal, name):
    terminal.press("n")
    terminal.wait_for("Network namespaces: Enter", "(shown)")
    lines = terminal.lines()
    begin = next(i for i, line in enumerate(lines) if line.startswith("> "))
    wanted = next(i for i, line in enumerate(lines) if re.match(rf"(> |  ){name}(  |$)", line))
    for _ in range(wanted - begin):
        terminal.press("Down")
    wait_for(lambda: terminal.lines()[wanted].startswith("> "))
    terminal.press("Enter")


def test_network_namespaces(tmp_path, keep):
    keep(*established(keep(listen(*address(FEW)))))
    config = tmp_path / "config.yml"
    with another_namespace() as pid:
        config.write_text(f"network_namespaces: [{{name: app, path: /proc/{pid}/ns/net}}, {{name: gone, path: /x}}]\n",
                          encoding="utf-8")
        with top(f"--config.file={config}", columns=150) as terminal:
            wait_for_peers(terminal, FEW)
            choose(terminal, "app")
            terminal.wait_for("  network namespace app  ")
            wait_for_peers(terminal, "127.0.0.1:7777")
            terminal.press("n")
            terminal.wait_for("app  (shown)", "gone  /x  cannot open the network namespace /x: No such file")
            terminal.press("Escape")
            terminal.wait_until(lambda text: "Network namespaces:" not in text)
            choose(terminal, "gone")
            terminal.wait_for("  network namespace gone  ", "There are no figures.", "WARNING")
            choose(terminal, "own network namespace")
            wait_for_peers(terminal, FEW)


def test_a_choice_that_is_typed_ahead(keep):
    keep(*established(keep(listen(*address(FEW)))))
    with top() as terminal:
        choose(terminal, "own network namespace")
        terminal.wait_until(lambda text: "Network namespaces:" not in text)
        for _ in range(10):
            terminal.press("n", "Enter", "Escape", "n", "Enter")
            terminal.press("Escape", "h")
            terminal.wait_for("Keys")
            terminal.press("h")
        wait_for_peers(terminal, FEW)


def test_a_namespace_that_nobody_configured():
    with another_namespace() as pid:
        inode = os.stat(f"/proc/{pid}/ns/net").st_ino
        with top(columns=150, rows=50) as terminal:
            choose(terminal, f"\\S*(net-)?{inode}")
            wait_for_peers(terminal, "127.0.0.1:7777")


def test_the_namespace_of_a_flag():
    with another_namespace() as pid:
        with top(f"--netns=/proc/{pid}/ns/net", columns=150) as terminal:
            wait_for_peers(terminal, "127.0.0.1:7777")
            assert f"  network namespace /proc/{pid}/ns/net  " in terminal.lines()[0]


def test_keys_work_while_a_poll_takes_its_time(keep):
    keep(*established(keep(listen(*address(FEW)))))
    with top() as terminal:
        wait_for_peers(terminal, FEW)
        with held_in("recvmsg", processes(terminal)[1]):
            terminal.press("s")
            terminal.wait_for("peers by name")
            terminal.press("/")
            terminal.type("x")
            terminal.wait_for('None of 1 peers has "x"')
            terminal.press("Escape", "n")
            terminal.wait_for("Network namespaces:", "(shown)")
            terminal.press("Enter", "h")
            terminal.wait_for("Keys")
            terminal.press("h")
            terminal.wait_for("polled 3 s ago")


# --- Sizes

@pytest.mark.usefixtures("peers")
def test_other_sizes():
    with top() as terminal:
        terminal.resize(160, 50)
        wait_for(lambda: terminal.text().count("\n") == 49 and terminal.lines()[-1].startswith("h help"))
        assert "RUNS OUT" in terminal.text()
        for columns, rows in ((40, 10), (20, 3), (3, 2), (1, 1), (2, 40), (160, 1)):
            terminal.resize(columns, rows)
            wait_for(lambda size=(columns, rows): size_of(terminal) == size)
            terminal.press("s", "r", "Down", "h", "h", "/", "x", "Escape")  # six times: as it was
        terminal.resize(100, 30)
        terminal.wait_for("tightest first", "PEER", "LISTENER", "Ephemeral", "h help")
        wait_for_peers(terminal, OPEN, TIME_WAIT, FEW)


def size_of(terminal):
    return tuple(int(terminal._ask(each)) for each in ("window_width", "window_height"))


def test_forty_columns_have_what_matters_most(keep):
    keep(*established(keep(listen(*address(FEW)))))
    with top(columns=40) as terminal:
        line = next(line for line in terminal.lines() if line.startswith("127.0.0.1:70"))
        assert "1/28,232" in line and "%" in line
