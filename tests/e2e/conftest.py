"""For the tests of the status page on snapshots that are made up."""

import pytest

from support import netns
from support.browser import Browser
from support.exporter import Daemon
from support.page_server import PageServer


@pytest.fixture(scope="module")
def shared_browser(root_rights, tmp_path_factory):
    """One for all tests of a file, in a network namespace of their own."""
    netns.enter_fresh()
    with Browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="module")
def document(shared_browser):
    """What a real exporter answers at /."""
    with Daemon() as daemon:
        return daemon.get("/")


@pytest.fixture
def browser(shared_browser):
    shared_browser.begin_anew()
    return shared_browser


@pytest.fixture
def serve(document):
    """serve(snapshot): the page of an exporter that says that; a PageServer."""
    running = []

    def start(snapshot):
        running.append(PageServer(document, snapshot).__enter__())
        return running[-1]

    yield start
    for each in running:
        each.__exit__()
