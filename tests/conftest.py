"""For the tests that open sockets (netns, e2e): a network namespace each, and a place to keep sockets. For all: what
a sanitizer reports of the programs fails the test that started them."""

import os

import pytest

from support import netns
from support.instruments import INSTRUMENT, Reports


@pytest.fixture(scope="session")
def reports():
    if not INSTRUMENT:
        yield None
        return
    with Reports() as folder:
        yield folder


@pytest.fixture(autouse=True)
def nothing_reported(reports):
    """Set up before all others, so that it looks when what they started has ended."""
    yield
    if reports:
        found = reports.take()
        assert not found, found


def pytest_sessionfinish(session, exitstatus):
    """A file of which something was skipped has not passed: CTest, to which it is one test, hears of it."""
    code = os.environ.get("TIMEWAIT_SKIP_RETURN_CODE")
    if code and exitstatus == pytest.ExitCode.OK:
        if session.config.pluginmanager.get_plugin("terminalreporter").stats.get("skipped"):
            session.exitstatus = int(code)


@pytest.fixture(scope="session")
def root_rights():
    netns.become_root_of_own_namespace()


@pytest.fixture
def fresh_network_namespace(root_rights):
    netns.enter_fresh()


@pytest.fixture
def keep():
    """Holds sockets open until the test ends: keep(socket) returns it."""
    held = []

    def keep_open(*sockets):
        held.extend(sockets)
        return sockets[0] if len(sockets) == 1 else sockets

    yield keep_open
    for each in held:
        each.close()
