"""The packages that ./dev package made: their folder comes in TIMEWAIT_PACKAGES."""

import os
import pathlib
import re

from support.project import PROJECT
from support.rootfs import run


def find(pattern):
    package, = pathlib.Path(os.environ["TIMEWAIT_PACKAGES"]).glob(pattern)
    return package


def deb():
    return find("*.deb")


def deb_field(name):
    return run("dpkg-deb", "-f", deb(), name).strip()


def deb_dependencies():
    """The names of the packages that it needs, sorted."""
    return sorted(re.findall(r"(?:^|, )([^ ,]+)", deb_field("Depends")))


def rpm():
    return find("*.rpm")


def tarball():
    return find("*-linux-*.tar.gz")


PROGRAMS = ("timewait", "timewait_exporter")


def tells_version(program, said):
    """Whether `said`, by its --version, is the version that it is to be, and of some commit."""
    return bool(re.match(rf"{program}, version {re.escape(version())} \(revision: (?!unknown)", said))


def version():
    text = (PROJECT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"^project\(timewait_exporter VERSION (\S+)", text, re.MULTILINE).group(1)
