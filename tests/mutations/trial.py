"""Whether a test notices a mutation."""

import dataclasses
import os
import re
import shutil
import subprocess
import threading
import time

from mutations.rooms import ROOMS, programs_for
from mutations.tree import EXPORTERS, DoesNotCompile

# Black-box tests look at the clock: one at a time.
CLOCK = threading.Lock()
# Seconds: many times what they take without a mistake.
PROGRAM_PATIENCE = 120
BLACK_BOX_PATIENCE = 300

DOES_NOT_COMPILE = "does not compile"


@dataclasses.dataclass
class Outcome:
    mutation: str
    by: str  # "build", "unit", "replay", "black box"; "" if nobody notices, DOES_NOT_COMPILE if it is none
    test: str
    seconds: float

    @property
    def counts(self):
        return self.by != DOES_NOT_COMPILE

    @property
    def is_noticed(self):
        return self.counts and self.by != ""


@dataclasses.dataclass(frozen=True)
class Run:
    failed: bool
    hangs: bool
    output: str


def run(command, folder, patience, environment=None):
    """With all that it has started ended, too."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", env=os.environ | (environment or {}), start_new_session=True)
    try:
        output, _ = process.communicate(timeout=patience)
        return Run(process.returncode != 0, False, output)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        return Run(True, True, process.communicate()[0])


def first_failure(output):
    """Of GoogleTest's output: the test that failed, or in which the program ended."""
    failed = re.search(r"^\[  FAILED  \] ([^\s,(]+)", output, re.MULTILINE)
    begun = re.findall(r"^\[ RUN      \] (\S+)", output, re.MULTILINE)
    return failed.group(1) if failed else begun[-1] if begun else ""


class Trial:
    """Of one mutation in one tree, in stages that are ever slower."""

    def __init__(self, tree, mutation):
        self._tree = tree
        self._mutation = mutation
        self._sound_source = tree.read(mutation.file)
        self._mutant = mutation.apply_to(self._sound_source)

    def outcome(self, stage):
        """Of a stage of STAGES."""
        begun = time.monotonic()
        by, test = "", ""
        try:
            by, test = stage(self)
        except DoesNotCompile as error:
            what = re.findall(r"error: (.*)", str(error))[:1] or ["cannot be linked"]
            by, test = "build" if error.is_warning else DOES_NOT_COMPILE, what[0]
        finally:
            self._tree.write(self._mutation.file, self._sound_source)
        return Outcome(str(self._mutation), by, test, round(time.monotonic() - begun, 1))

    def by_own_programs(self):
        return self._by_programs(programs_for(self._mutation.room, self._tree.project)[0])

    def by_other_programs(self):
        return self._by_programs(programs_for(self._mutation.room, self._tree.project)[1])

    def by_black_box(self):
        self._make(*EXPORTERS)
        if all(self._tree.is_as_without(name) for name in EXPORTERS):
            return "", ""
        for name in ROOMS[self._mutation.room].black_box:
            if test := self._black_box_notices(name):
                return "black box", test
        return "", ""

    def _by_programs(self, programs):
        self._make(*(each.name for each in programs))
        for program in programs:
            if test := self._program_notices(program):
                return ("unit" if program.name.endswith("_test") else "replay"), test
        return "", ""

    def _make(self, *targets):
        """With the mistake; and once without, to compare with."""
        if not targets:
            return
        if not self._tree.has_sound(*targets):
            self._tree.write(self._mutation.file, self._sound_source)
            self._tree.keep_sound(*targets)
        self._tree.write(self._mutation.file, self._mutant)
        self._tree.make(*targets)

    def _program_notices(self, program):
        """A failure counts if the same test fails twice with the mistake, and not without."""
        if self._tree.is_as_without(program.name):
            return ""
        is_unit = program.name.endswith("_test")
        built = self._tree.build / program.name
        options = ["--gtest_fail_fast"] if is_unit else []
        done = run([built, *options, *program.arguments], self._tree.build, PROGRAM_PATIENCE)
        if not done.failed:
            return ""
        test = first_failure(done.output)
        only = [f"--gtest_filter={test}"] if test else []
        again = run([built, *only, *program.arguments], self._tree.build, PROGRAM_PATIENCE)
        sound = run([self._tree.sound / program.name, *only, *program.arguments], self._tree.build, PROGRAM_PATIENCE)
        if sound.failed or not again.failed:
            return ""
        name = f"{program.name}: {test}" if test else program.name
        return name + (" (hangs)" if again.hangs else "")

    def _black_box_notices(self, name):
        folder, file = name.split(".")
        with CLOCK:
            done = self._run_black_box(f"{folder}/test_{file}.py", self._tree.build)
            failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.output, re.MULTILINE)
            if not done.failed:
                return ""
            only = failed.group(1) if failed and "[" not in failed.group(1) else f"{folder}/test_{file}.py"
            again = self._run_black_box(only, self._tree.build)
            if not again.failed or self._run_black_box(only, self._tree.sound).failed:
                return ""
        return only + (" (hangs)" if again.hangs else "")

    def _run_black_box(self, what, programs):
        exporter, terminal = (str(programs / name) for name in EXPORTERS)
        return run([shutil.which("python3", path="/usr/bin"), "-B", "-m", "pytest", "-q", "-x", what],
                   self._tree.project / "tests", BLACK_BOX_PATIENCE,
                   {"TIMEWAIT_EXPORTER": exporter, "TIMEWAIT": terminal, "LC_ALL": "C.UTF-8", "TIMEWAIT_SANITIZE": ""})


STAGES = (Trial.by_own_programs, Trial.by_other_programs, Trial.by_black_box)
