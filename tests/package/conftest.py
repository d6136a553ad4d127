"""What the tests of the packages share."""

import os
import pathlib

import pytest

from support import machine


@pytest.fixture(scope="session", name="deb")
def _deb():
    """The package for Debian; TIMEWAIT_PACKAGES says where the packages are."""
    file, = pathlib.Path(os.environ["TIMEWAIT_PACKAGES"]).glob("*.deb")
    return file


@pytest.fixture(scope="module", name="boot")
def _boot(deb, tmp_path_factory):
    """boot(): a Machine without the package, which is at /PACKAGE.deb inside."""
    running = []

    def start():
        folder = tmp_path_factory.mktemp("machine")
        booted = machine.Machine(machine.base(deb), folder / "root")
        (booted.root / "package.deb").write_bytes(deb.read_bytes())
        running.append(booted.__enter__())
        return booted

    yield start
    for each in running:
        each.__exit__()
