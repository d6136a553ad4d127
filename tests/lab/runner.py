"""Runs phases side by side, each apart from the others and from the machine."""

import json
import os
import pathlib
import subprocess
import sys

from lab.tomcat import compile_application

_TESTS = pathlib.Path(__file__).resolve().parents[1]

# What a phase starts has process ids and shared memory of its own, and ends with its first process; that one, with the
# lab, however it ends.
_APART = ["setpriv", "--pdeathsig=KILL", "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--ipc"]
_AS_ROOT = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]


def _start(scene, phase, load, directory):
    directory.mkdir()
    with open(directory / "phase.log", "wb") as log:
        return subprocess.Popen(
            [*_APART, *_AS_ROOT, sys.executable, "-B", "-m", "lab.phase", scene.name, phase.name, load, str(directory)],
            cwd=_TESTS, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)


def run(scenes, load, directory):
    """{(scene's name, phase's name): record}. `load`: a name; `directory`: an empty one, for logs and records."""
    compile_application(directory / "webapp")
    runs = [(scene, phase, directory / f"{scene.name}-{phase.name}") for scene in scenes for phase in scene.phases]
    running = []
    try:
        for scene, phase, place in runs:
            running.append(_start(scene, phase, load, place))
        for process, (_, _, place) in zip(running, runs):
            assert process.wait() == 0, f"{place.name}: {(place / 'phase.log').read_text()}"
    finally:
        for process in running:
            process.kill()
            process.wait()
    return {(scene.name, phase.name): json.loads((place / "record.json").read_text()) for scene, phase, place in runs}
