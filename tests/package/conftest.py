"""What the tests of the packages share."""

import shutil

import pytest

from support import packages
from support.machine import Machine


@pytest.fixture(scope="module", name="boot")
def _boot(tmp_path_factory):
    """boot(NAME, ...): a Machine with these packages of Debian; the caller's thread is in its network namespace."""
    running = []

    def start(*names):
        running.append(Machine(tmp_path_factory.mktemp("machine"), names).__enter__())
        running[-1].enter_network()
        return running[-1]

    yield start
    for each in running:
        each.__exit__()


@pytest.fixture(scope="module", name="debian")
def _debian(boot):
    """A Machine without our Debian package, which is at /package.deb inside, and with all that it needs."""
    machine = boot(*packages.deb_dependencies())
    shutil.copy(packages.deb(), machine.root / "package.deb")
    return machine
