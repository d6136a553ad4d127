"""`timewait top`: how it ends, and how it leaves the terminal."""

import json
import os
import signal
import subprocess

import pytest

from support import snapshot, timewait
from support.tmux import Terminal
from support.top import processes, start
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Ending:
    """It runs in a terminal; expect() holds what is left to how things were before."""

    def __init__(self, terminal):
        self.terminal = terminal
        terminal.enter("echo as it was")
        terminal.wait_for_prompt()
        self._settings = terminal.settings()
        start(terminal)
        self.outer, self.inner = processes(terminal)

    def expect(self, exit_code, *words):
        wait_for(lambda: not is_running(self.outer) and not is_running(self.inner))
        wait_for(lambda: not self.terminal.is_alternate())
        self.terminal.press("Enter")
        self.terminal.wait_for(*words)
        self.terminal.wait_for_prompt()
        assert self.terminal.run("echo $?").strip() == str(exit_code)
        self.terminal.wait_for_prompt()
        assert self.terminal.settings() == self._settings
        assert self.terminal.cursor_is_shown()
        assert "h help" not in self.terminal.text()


@pytest.fixture
def ending(fresh_network_namespace):
    sanitizers_let_it_crash = {name: f"{os.environ.get(name, '')}:handle_segv=0:handle_abort=0"
                               for name in ("ASAN_OPTIONS", "TSAN_OPTIONS")}
    with Terminal(**sanitizers_let_it_crash) as terminal:
        yield Ending(terminal)


@pytest.mark.parametrize("key", ["q", "C-c"])
def test_quit(ending, key):
    ending.terminal.press(key)
    ending.expect(0)


@pytest.mark.parametrize("whom", ["outer", "inner"])
@pytest.mark.parametrize("how, exit_code", [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 0)])
def test_told_to_end(ending, whom, how, exit_code):
    os.kill(getattr(ending, whom), how)
    ending.expect(exit_code)


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL, signal.SIGQUIT])
def test_crash(ending, how):
    os.kill(ending.inner, how)
    ending.expect(128 + how, f"timewait: top was ended by signal {how:d} (")


def test_quit_with_a_core(ending):
    ending.terminal.press("C-\\")
    ending.expect(131, "timewait: top was ended by signal 3 (")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGUSR1])
def test_the_end_of_the_process_that_the_shell_knows(ending, how):
    os.kill(ending.outer, how)
    ending.expect(128 + how)


def test_one_that_cannot_end_when_it_is_told(ending):
    ending.terminal.press("C-s")  # whoever writes waits for C-q
    os.kill(ending.outer, signal.SIGTERM)
    ending.expect(137, "timewait: top was ended by signal 9 (Killed)")


def test_the_terminal_goes(ending):
    ending.terminal.close()
    wait_for(lambda: not is_running(ending.outer) and not is_running(ending.inner))


def test_stopped_and_continued(ending):
    for _ in range(2):
        ending.terminal.press("C-z")
        ending.terminal.wait_for("Stopped")
        assert not ending.terminal.is_alternate()
        ending.terminal.enter("fg")
        ending.terminal.wait_for("h help")
        assert ending.terminal.is_alternate()
    ending.terminal.press("s")
    ending.terminal.wait_for("peers by name")
    ending.terminal.press("q")
    ending.expect(0)


def test_killed_while_it_is_stopped(ending):
    ending.terminal.press("C-z")
    ending.terminal.wait_for("Stopped")
    os.kill(ending.inner, signal.SIGKILL)
    ending.terminal.enter("fg")
    ending.expect(137)


@pytest.mark.parametrize("how, told", [("TERM", "Terminated"), ("HUP", "Hangup")])
def test_told_to_end_while_it_is_stopped(ending, how, told):
    ending.terminal.press("C-z")
    ending.terminal.wait_for("Stopped")
    ending.terminal.enter(f"kill -{how} %1")
    ending.expect(0, told)


# --- Where it cannot begin

@pytest.mark.parametrize("ends", ["< /dev/null", "> /dev/null", "| cat"])
def test_no_terminal(ends, tmp_path):
    with Terminal() as terminal:
        terminal.enter(f"set -o pipefail; {timewait.binary()} top 2> {tmp_path}/said {ends}; echo code=$?")
        terminal.wait_for("code=1")
    said = (tmp_path / "said").read_text(encoding="utf-8")
    assert said.startswith("timewait: top needs a terminal") and "timewait --watch" in said


@pytest.mark.parametrize("kind", ["no-such-terminal", "dumb", ""])
def test_a_terminal_that_it_cannot_use(kind):
    with Terminal(columns=250) as terminal:
        terminal.enter(f"TERM={kind} {timewait.binary()} top; echo code=$?")
        terminal.wait_for("timewait: top cannot draw", f'"{kind}"', "TERM=xterm-256color", "code=1")
        terminal.wait_for_prompt()


def test_what_is_wrong_is_told_before_the_screen_is_taken(tmp_path):
    config = tmp_path / "config.yml"
    config.write_text("pol: {}\n", encoding="utf-8")
    with Terminal(columns=150) as terminal:
        terminal.enter(f"{timewait.binary()} top --config.file={config}; echo code=$?")
        terminal.wait_for(f"{config}:1:1: pol", "code=2")
        terminal.enter(f"{timewait.binary()} top --netns=/x; echo code=$?")
        terminal.wait_for("timewait: cannot open the network namespace /x", "code=1")


# --- JSON

def test_json_is_a_line_for_each_poll():
    with subprocess.Popen([timewait.binary(), "top", "--json"], stdout=subprocess.PIPE, text=True) as process:
        times = [snapshot.check(json.loads(process.stdout.readline()))["written_at"] for _ in range(3)]
        process.stdout.close()
    assert sorted(set(times)) == times
