"""The packages that ./dev package made: their folder comes in TIMEWAIT_PACKAGES."""

import os
import pathlib
import re

from support.project import PROJECT


def find(pattern):
    package, = pathlib.Path(os.environ["TIMEWAIT_PACKAGES"]).glob(pattern)
    return package


def deb():
    return find("*.deb")


def rpm():
    return find("*.rpm")


def tarball():
    return find("*-linux-*.tar.gz")


def version():
    text = (PROJECT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"^project\(timewait_exporter VERSION (\S+)", text, re.MULTILINE).group(1)
