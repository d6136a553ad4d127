"""Each alert has its page, links lead somewhere, and every command does something on a host that is in some trouble."""

import os
import re
import subprocess

import pytest

from support import netns, timewait
from support.exporter import Daemon, binary
from support.project import PROJECT
from support.prometheus_rules import alerts
from support.sockets import client_time_wait, close_in_order, established, listen

FOLDER = PROJECT / "deploy/runbooks"
PAGES = sorted(FOLDER.glob("*.md"))
CONFIGURATION = "/etc/timewait_exporter/config.yml"
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def commands():
    """Each block of commands, by the page that it stands on."""
    return [pytest.param(block, id=f"{page.stem}-{number}")
            for page in PAGES for number, block in enumerate(SHELL_BLOCK.findall(page.read_text(encoding="utf-8")))]


def test_each_alert_has_a_page_and_a_row_with_its_severity():
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| \[(\w+)\]\(\1\.md\) \| (\w+) \|", index, re.MULTILINE))
    assert rows == {name: alert["labels"]["severity"] for name, alert in alerts().items()}
    assert {page.stem for page in PAGES} == rows.keys() | {"README", "fixes"}


def test_each_page_begins_with_its_name_and_severity():
    for name, alert in alerts().items():
        severity = alert["labels"]["severity"].capitalize()
        assert (FOLDER / f"{name}.md").read_text(encoding="utf-8").startswith(f"# {name}\n\n**{severity}.** ")


# What its exit code says is of the host, which is in some trouble.
DIAGNOSING = """#!/bin/sh
{program} "$@" || [ $? -ge 3 ]
"""

SHELLS = {"bash": ["bash", "-euo", "pipefail"], "sh": ["sh", "-eu"]}


class Host:
    def __init__(self, shell, folder):
        self._shell, self._folder = shell, folder
        self._environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}

    def run(self, block):
        """What it prints."""
        block = block.replace(CONFIGURATION, f"{self._folder}/config.yml")
        result = subprocess.run([*self._shell, "-c", block], env=self._environment, capture_output=True, text=True, timeout=60,
                                check=False)
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout


@pytest.fixture(scope="module", name="host", params=SHELLS)
def _host(request, root_rights, tmp_path_factory):
    """One for each shell, since commands change its settings. Its peer is the one of the examples: TIME_WAIT, open
    connections, a leak."""
    netns.enter_fresh()
    for address in ("10.0.0.5", "10.0.0.9"):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    folder = tmp_path_factory.mktemp("host")
    (folder / "timewait_exporter").symlink_to(os.path.abspath(binary()))
    (folder / "timewait").write_text(DIAGNOSING.format(program=os.path.abspath(timewait.binary())), encoding="utf-8")
    (folder / "timewait").chmod(0o755)
    (folder / "config.yml").write_text("poll:\n  interval: 1s\n", encoding="utf-8")
    with listen("10.0.0.9", 443) as service, listen("0.0.0.0", 5432), listen("0.0.0.0", 40080):
        # Before the first poll, or the history has a first point without the peer, and a second one seconds later.
        pairs = [established(service, source="10.0.0.5") for _ in range(3)]
        pairs[0][1].close()
        client_time_wait(service, 12, source="10.0.0.5")
        with Daemon(f"--config.file={folder}/config.yml", listen=":10048") as daemon:
            daemon.scrape_after_poll()
            yield Host(SHELLS[request.param], folder)
        for client, server in pairs[1:]:
            close_in_order(client, server)
        pairs[0][0].close()


@pytest.mark.parametrize("page, comment", [("TimewaitListenerInEphemeralRange", "Listeners inside the range"),
                                           ("fixes", "Listeners from 15000 on")])
def test_only_listeners_inside_the_range_are_named(page, comment, host):
    """Others listen on 443, 5432 and 10048; as texts, two of them are more than 40080 and 32768."""
    (block,) = [each for each in SHELL_BLOCK.findall((FOLDER / f"{page}.md").read_text(encoding="utf-8")) if comment in each]
    (line,) = host.run(block).splitlines()
    assert re.search(r"\b40080\b", line)


@pytest.mark.parametrize("block", commands())
def test_commands_succeed_and_say_something(block, host):
    stdout = host.run(block)
    assert stdout.strip()
    # jq says null where there is no such field.
    assert set(re.findall(r'(\w+)"?:? ?null\b', stdout)) <= {"exhaustion_seconds", "folded", "audit"}
    assert not re.search(r"^null$", stdout, re.MULTILINE)
