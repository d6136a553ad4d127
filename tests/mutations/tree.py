"""A copy of the project, to build with mistakes in it."""

import filecmp
import os
import pathlib
import re
import shutil
import subprocess
import threading

from mutations.mutation import PROJECT

ONE_AT_A_TIME = threading.Lock()  # the large builds; what the other tree needs, too, is in ccache then
EXPORTERS = ("timewait_exporter", "timewait")


class DoesNotCompile(Exception):
    @property
    def is_warning(self):
        """Whether it would but for what the compiler warns of, which the project takes for errors."""
        errors = re.findall(r"error: .*", str(self))
        return bool(errors) and all("[-Werror=" in error for error in errors)


def sources():
    """All files of the project that are not built, below it."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=PROJECT,
                            check=True, capture_output=True, text=True)
    return {pathlib.Path(name) for name in listed.stdout.split("\0") if name and (PROJECT / name).is_file()}


class Tree:
    """Not thread-safe: one for each thread."""

    def __init__(self, folder):
        self.project = folder / "project"
        self.build = folder / "project" / "build" / "debug"
        self.sound = folder / "sound"  # programs without a mistake
        self._log = folder / "build.log"

    def prepare(self):
        """As the project is now; what is built of it, is when it is asked for."""
        if self._copy_sources():
            shutil.rmtree(self.sound, ignore_errors=True)
        self.sound.mkdir(parents=True, exist_ok=True)
        settings = []
        if shutil.which("ccache"):
            settings.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
        if shutil.which("ld.gold"):
            settings.append("-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=gold")  # links are most of the work
        self._run("cmake", "--preset", "debug", *settings)

    def make(self, *targets):
        self._run("cmake", "--build", "build/debug", "-j1", "--target", *targets)

    def keep_sound(self, *targets):
        """Builds them, without a mistake, and keeps them so; those that have not been."""
        missing = [each for each in targets if not (self.sound / each).exists()]
        if not missing:
            return
        with ONE_AT_A_TIME:
            try:
                self._run("cmake", "--build", "build/debug", "-j2", "--target", *missing)
            except DoesNotCompile as error:
                raise RuntimeError(f"it does not compile even without a mistake:\n{error}") from error
        for each in missing:
            shutil.copy2(self.build / each, self.sound / each)

    def has_sound(self, *targets):
        return all((self.sound / each).exists() for each in targets)

    def is_as_without(self, name):
        """Whether the program is the same, byte by byte, as without a mistake."""
        return filecmp.cmp(self.build / name, self.sound / name, shallow=False)

    def write(self, file, text):
        (self.project / file).write_text(text, encoding="utf-8")

    def read(self, file):
        return (self.project / file).read_text(encoding="utf-8")

    def _run(self, *command):
        with self._log.open("w") as log:
            done = subprocess.run(command, cwd=self.project, stdout=log, stderr=subprocess.STDOUT,
                                  env={"CCACHE_BASEDIR": str(self.project), "CCACHE_NOHASHDIR": "1"} | os.environ)
        if done.returncode != 0:
            raise DoesNotCompile(self._log.read_text(errors="replace"))

    def _copy_sources(self):
        """Whether there was anything to do."""
        changed = False
        wanted = sources()
        for name in wanted:
            here, there = PROJECT / name, self.project / name
            if there.is_file() and there.read_bytes() == here.read_bytes():
                continue
            there.parent.mkdir(parents=True, exist_ok=True)
            changed = True
            shutil.copy(here, there)  # with the time of now, which is what ninja goes by
        for file in self.project.rglob("*"):
            name = file.relative_to(self.project)
            if file.is_file() and name.parts[0] != "build" and name not in wanted:
                changed = True
                file.unlink()
        return changed
