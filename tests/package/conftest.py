"""What the tests of the packages share."""

import shutil

import pytest

from support import packages
from support.machine import Machine


@pytest.fixture(scope="module", name="boot")
def _boot(tmp_path_factory):
    """boot(): a Machine without the Debian package, which is at /package.deb inside."""
    running = []

    def start():
        machine = Machine(tmp_path_factory.mktemp("machine"), packages.deb_dependencies())
        shutil.copy(packages.deb(), machine.root / "package.deb")
        running.append(machine.__enter__())
        return machine

    yield start
    for each in running:
        each.__exit__()
