"""`timewait`: flags, exit codes, JSON, and what becomes of its output."""

import errno
import json
import re
import resource
import signal
import subprocess
import time

import pytest

from support import exporter, netns, snapshot, timewait
from support.command_line import fails
from support.exporter import Daemon
from support.sandbox import fail_to_receive, forbid_netlink, hide_sysctls
from support.sockets import client_time_wait, connect, established, listen, server_time_wait, settled
from support.system_calls import is_in
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

COMMANDS = [[], ["diagnose"]]
# Of the moment or of the process; the rest must be the same whoever reads it.
OF_THE_MOMENT = {"written_at", "last_success_at", "mean_duration_seconds", "at", "last_reload_success_at",
                 "arrivals_per_second", "exhaustion_seconds", "time_wait_ages", "polling"}


# --- Flags

def test_help_names_every_flag_and_command():
    result = timewait.run("--help")
    assert (result.returncode, result.stderr) == (0, "")
    for word in ("--config.file", "--netns", "--json", "--watch", "--version", "top", "diagnose"):
        assert word in result.stdout
    of_diagnose = timewait.run("diagnose", "--help")
    assert of_diagnose.returncode == 0 and "--audit" in of_diagnose.stdout


def test_version():
    result = timewait.run("--version")
    assert result.returncode == 0
    assert result.stdout.startswith("timewait, version ")
    assert result.stdout.split(", ", 1)[1] == exporter.run("--version").stdout.split(", ", 1)[1]


@pytest.mark.parametrize("flags, words", [
    (["--no-such-flag"], ["--no-such-flag"]),
    (["diagnos"], ['"diagnos" is not expected here; a command is top or diagnose']),
    (["top", "diagnose"], ["diagnose"]),
    (["diagnose", "stray"], ["stray"]),
    (["--watch"], ["--watch"]),
    (["--watch=0"], ["--watch", "0.1", "3600"]),
    (["--watch=-1"], ["--watch"]),
    (["--watch=1e9"], ["--watch"]),
    (["--watch=nan"], ["--watch"]),
    (["--watch=often"], ["often"]),
    (["--watch=1", "top"], ["--watch", "table"]),
    (["diagnose", "--watch=1"], ["--watch", "table"]),
    (["--watch=1", "--watch=2"], ["--watch: is given more than once"]),
    (["--netns="], ["--netns: needs a value"]),
    (["--netns"], ["--netns"]),
    (["--audit"], ["--audit"]),
    (["top", "--audit"], ["--audit"]),
    (["--json=1"], ["--json: takes no value"]),
    (["diagnose", "--audit=yes"], ["--audit: takes no value"]),
    (["diagnose", "--audit=0"], ["--audit: takes no value"]),
])
def test_bad_usage(flags, words):
    fails(timewait.run(*flags), 2, "timewait", "--help", *words)


# --- Configuration

@pytest.mark.parametrize("command", COMMANDS)
def test_problems_of_a_configuration_are_told_as_by_the_exporter(command, tmp_path):
    bad = tmp_path / "bad.yml"
    bad.write_text("poll:\n  intervall: 5s\ndiscovery: {max_peers: -1}\n")
    for file, code in ((bad, 2), (tmp_path / "missing.yml", 1)):
        flag = f"--config.file={file}"
        result = timewait.run(*command, flag)
        fails(result, code, str(file))
        assert result.stderr == exporter.run(flag, "--once").stderr


def test_names_of_a_configuration_are_used(tmp_path, keep):
    config = tmp_path / "timewait.yml"
    config.write_text("peers: [{name: orders, match: [{port: 9000}]}, {name: idle, match: [{port: 9001}]}]\n"
                      "listeners: [{name: front, match: [{port: 9000}]}]\n")
    keep(*established(keep(listen("127.0.0.2", 9000))))
    text = timewait.table(f"--config.file={config}")
    for word in ("orders", "idle", "front"):
        assert word in text
    assert "127.0.0.2:9000" not in timewait.table("--config.file", str(config), env={"COLUMNS": "60"})


# --- JSON

def without_the_moment(value):
    if isinstance(value, dict):
        return {key: without_the_moment(each) for key, each in value.items() if key not in OF_THE_MOMENT}
    if isinstance(value, list):
        return [without_the_moment(each) for each in value]
    return value


def test_json_is_what_the_exporter_serves(keep):
    netns.sysctl("ipv4.tcp_tw_reuse", 0)
    web = keep(listen("127.0.0.1", 8080, backlog=7))
    client_time_wait(web, 30)
    client_time_wait(web, 10, source="127.0.0.5")
    server_time_wait(web, 3)
    keep(*established(web), connect("127.0.0.1", 8080))
    keep(*established(keep(listen("::1", 9000))))
    settled()
    ours = timewait.read_snapshot()
    with Daemon("--web.listen-address=127.0.0.9:10048", listen=None) as daemon:  # outside the range of connect()
        served = snapshot.read(daemon)
    own, its = without_the_moment(ours), without_the_moment(served)
    for each in its["namespaces"]:
        each["listeners"] = [listener for listener in each["listeners"] if not listener["exporter"]]
        each["poll"]["sockets"] -= 1  # where it listens
    assert own == its
    assert [each["name"] for each in own["namespaces"][0]["peers"]] == ["127.0.0.1:8080", "[::1]:9000"]
    assert own["namespaces"][0]["poll"]["polls"] == 1


def test_json_of_each_poll_is_a_line(keep):
    keep(listen("127.0.0.1", 8080))
    with watching("--json", "--watch=0.1") as process:
        states = [snapshot.check(json.loads(process.stdout.readline())) for _ in range(3)]
    assert [each["namespaces"][0]["poll"]["polls"] for each in states] == [1, 2, 3]


# --- Polls that fail

@pytest.mark.parametrize("command", [["--json"], ["--watch=1"], *COMMANDS])
@pytest.mark.parametrize("sandbox, word", [
    (hide_sysctls, "/proc/sys"), (lambda: fail_to_receive(errno.ENOBUFS), "No buffer space available")])
def test_a_poll_that_fails(command, sandbox, word):
    fails(timewait.run(*command, preexec_fn=sandbox), 1,
          "timewait: cannot read the kernel's sockets and settings: ", word)


def one_file_at_a_time():
    """For preexec_fn: beside the standard streams. It is enough to load libraries, and not for a poll."""
    limit_files(0, 4)


def limit_files(process, limit):
    resource.prlimit(process, resource.RLIMIT_NOFILE, (limit, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def test_a_diagnosis_of_the_polls_that_succeed(keep):
    """The first fails, for want of a file descriptor."""
    keep(*established(keep(listen("127.0.0.2", 9000))))
    with watching("diagnose", "--json", preexec_fn=one_file_at_a_time) as process:
        wait_for(lambda: is_in("clock_nanosleep", process.pid))
        limit_files(process.pid, 100)
        assert json.loads(process.stdout.readline())["problems"] == []
        assert process.wait(timeout=10) == 0


def test_a_later_poll_that_fails_is_told_in_its_table(keep):
    """The figures of the last good one stay."""
    keep(*established(keep(listen("127.0.0.2", 9000))))
    with watching("--watch=0.2", "--json", preexec_fn=forbid_netlink) as process:
        def states():
            while True:
                yield snapshot.check(json.loads(process.stdout.readline()))
        assert next(states())["namespaces"][0]["poll"]["successful"]
        limit_files(process.pid, 3)
        failed = next(state for state in states() if not state["namespaces"][0]["poll"]["successful"])
        assert [each["name"] for each in failed["namespaces"][0]["peers"]] == ["127.0.0.2:9000"]
        (finding,) = failed["findings"]
        assert finding["kind"] == "poll" and "Too many open files" in finding["text"]
        limit_files(process.pid, 100)
        assert next(state for state in states() if not state["findings"])


# --- Output

@pytest.mark.parametrize("arguments", [[], ["--json"], ["--watch=0.1"], ["diagnose"], ["--help"], ["--version"]])
def test_output_to_a_full_disk(arguments):
    with open("/dev/full", "w", encoding="ascii") as full:
        result = subprocess.run([timewait.binary(), *arguments], stdout=full, stderr=subprocess.PIPE, text=True,
                                timeout=20, check=False)
    assert result.returncode == 1
    if arguments and arguments[0] in ("--help", "--version"):
        return
    assert result.stderr == "timewait: cannot write to stdout: No space left on device\n"


@pytest.mark.parametrize("closed, code", [("<&-", 0), (">&-", 1), ("2>&-", 0), ("<&- >&- 2>&-", 1)])
def test_closed_standard_streams(closed, code):
    result = subprocess.run(["sh", "-c", f'exec "$0" {closed}', timewait.binary()], capture_output=True, timeout=20,
                            check=False)
    assert result.returncode == code


@pytest.mark.parametrize("arguments", ["", "--json", "--watch 0.1", "--watch 0.1 --json", "diagnose"])
def test_a_reader_that_has_seen_enough(arguments):
    """It ends, with nothing on stderr; what it has found out it still says."""
    script = f'"$0" {arguments} | head -1 >/dev/null; echo "${{PIPESTATUS[*]}}"'
    result = subprocess.run(["bash", "-c", script, timewait.binary()], capture_output=True, text=True, timeout=20,
                            check=False)
    assert (result.stdout, result.stderr) == ("0 0\n", "")


def test_a_reader_that_goes_between_two_tables():
    with watching("--watch=3600") as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=10) == 0


# --- Again and again

def watching(*arguments, **options):
    return Watching([timewait.binary(), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                    encoding="utf-8", env=timewait.environment(), **options)


class Watching(subprocess.Popen):
    """Ends at the end of the context, and must not have complained."""

    def __exit__(self, *exception):
        self.terminate()
        try:
            assert self.stderr.read() == ""
        finally:
            super().__exit__(*exception)


def test_tables_come_at_the_pace_that_was_asked_for(keep):
    keep(*established(keep(listen("127.0.0.2", 9000))))
    with watching("--watch", "0.5") as process:
        heads, line = [], ""
        while len(heads) < 5:
            before, line = line, process.stdout.readline().strip()
            if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+", line):
                assert before == ""
                heads.append(time.monotonic())
    assert 4 * 0.5 - 0.4 < heads[-1] - heads[0] < 4 * 0.5 + 5  # the machine may be busy


def test_what_is_there_now_is_in_the_next_table(keep):
    listener = keep(listen("127.0.0.2", 9000))
    with watching("--watch=0.1", "--json") as process:
        def peers():
            return [each["name"] for each in json.loads(process.stdout.readline())["namespaces"][0]["peers"]]
        assert peers() == []
        keep(*established(listener))
        wait_for(lambda: peers() == ["127.0.0.2:9000"], pause=0)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(how):
    with watching("--watch=3600") as process:
        process.stdout.readline()
        process.send_signal(how)
        assert process.wait(timeout=10) == -how


def test_a_namespace_that_goes_is_told_in_the_next_table(tmp_path):
    config = tmp_path / "timewait.yml"
    with subprocess.Popen(["unshare", "--net", "sleep", "60"]) as other:
        config.write_text(f"network_namespaces: [{{name: app, path: /proc/{other.pid}/ns/net}}]\n")
        with watching("--watch=0.2", "--json", f"--config.file={config}") as process:
            def findings():
                return [(each["kind"], each["netns"]) for each in json.loads(process.stdout.readline())["findings"]]
            assert findings() == []
            other.kill()
            other.wait()
            wait_for(lambda: findings() == [("namespace", "app")], pause=0)
