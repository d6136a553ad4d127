"""What a sanitizer or valgrind has to say of the programs of ours that a test starts: it fails that test.

Their standard error and exit code would not do: a test may leave both unread, or expect the program to fail. So each
report goes into a file, named by an option in the environment, which the programs inherit.
"""

import os
import pathlib
import tempfile

# What this build's programs are run under, as CMake says: "" for nothing, else the sanitizers, or "valgrind".
INSTRUMENT = os.environ.get("TIMEWAIT_SANITIZE", "")

# TIMEWAIT_REPORTS is for tests/valgrind/memcheck.
_OPTIONS = {"ASAN_OPTIONS": "log_path={}/asan", "UBSAN_OPTIONS": "log_path={}/ubsan:print_stacktrace=1",
            "TSAN_OPTIONS": "log_path={}/tsan", "TIMEWAIT_REPORTS": "{}"}


class Reports:
    """A folder for reports, which programs started from now on write to; a context manager that removes it."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="timewait-reports-")
        os.chmod(self._folder.name, 0o1777)  # for programs that a test runs without any rights, too
        for name, option in _OPTIONS.items():
            given = [os.environ[name]] if name in os.environ else []
            os.environ[name] = ":".join([*given, option.format(self._folder.name)])

    def take(self):
        """What was reported since the last call."""
        reports = []
        for file in sorted(pathlib.Path(self._folder.name).iterdir()):
            reports.append(file.read_text(encoding="utf-8", errors="replace"))
            file.unlink()
        return "".join(reports)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()
