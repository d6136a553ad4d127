"""usage: python3 -m kernels FOLDER BUILD [RELEASE...]      (see ./dev kernels)

Runs the tests that ask a kernel on the kernels of these Debian releases, or of all in KERNELS, and prints what came of
each. FOLDER keeps the kernels for the next time, and what the tests said; BUILD holds the programs. Exits with 1 unless
all of them passed.
"""

import pathlib
import re
import shutil
import sys

from kernels import initramfs, machine, packages
from support.project import PROJECT

# Release: what is special about its kernel.
KERNELS = {
    "bullseye": "5.10, the oldest supported",
    "bookworm": "6.1, of Debian 12",
    "trixie": "6.12: sock_diag shows bound sockets, IP_LOCAL_PORT_RANGE",
    "trixie-backports": "the newest there is",
}
BUSYBOX_OF = "bookworm"
ROOMS = ("kernel", "polling")
# Of netns all but those that take a fast machine: forecasts in real time, and large numbers.
PYTESTS = (
    "netns/test_audit", "netns/test_counters", "netns/test_counts", "netns/test_diagnose",
    "netns/test_missing_features", "netns/test_namespaces", "netns/test_prediction", "netns/test_procfs",
    "netns/test_timewait_figures", "e2e/test_daemon", "e2e/test_snapshot", "e2e/test_timewait",
)
SECONDS = 1200  # for each


def jobs(build):
    environment = ["env", f"TIMEWAIT_EXPORTER={build / 'timewait_exporter'}", f"TIMEWAIT={build / 'timewait'}"]
    made = {room: ([build / f"{room}_test"], SECONDS) for room in ROOMS}
    for file in PYTESTS:
        made[file.replace("/test_", ".")] = (
            [*environment, "/usr/bin/python3", "-B", "-m", "pytest", "-q", f"{file}.py"], SECONDS)
    return made


def outcome(results, name):
    """(whether it passed, the last that it said)."""
    code, log = results / f"{name}.exit", results / f"{name}.log"
    if not code.exists():
        return False, "the machine ended before it did"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    counts = [line for line in lines if re.search(r"\d+ (passed|failed|tests?\b)", line)]
    said = counts[-1].strip("= ").removeprefix("[  PASSED  ] ") if counts else "said nothing of tests"
    return code.read_text(encoding="ascii").strip() == "0", said


def play(release, folder, work):
    """{test: (passed, what it said)} on the kernel of the release, and that kernel's version."""
    kernel, modules, _ = packages.kernel(release, folder / release)
    archive = initramfs.make(packages.busybox(BUSYBOX_OF, folder / BUSYBOX_OF), modules, folder / release)
    results = folder / release / "results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir()
    machine.run(kernel, archive, results, work, folder=PROJECT / "tests")
    version = results / "kernel"
    return (version.read_text(encoding="ascii").strip() if version.exists() else "did not boot",
            {name: outcome(results, name) for name in work})


def main(folder, build, *releases):
    unknown = set(releases) - set(KERNELS)
    if unknown:
        sys.exit(f"no such release: {', '.join(sorted(unknown))}; there are {', '.join(KERNELS)}")
    folder, work, failed = pathlib.Path(folder).resolve(), jobs(pathlib.Path(build).resolve()), False
    print(f"by {machine.accelerator().upper()}, {machine.CORES} cores, {machine.MEMORY}")
    for release in releases or KERNELS:
        version, outcomes = play(release, folder, work)
        print(f"\n{version} ({release})")
        for name, (passed, said) in outcomes.items():
            print(f"  {'ok  ' if passed else 'FAIL'} {name:24} {said}", flush=True)
            failed = failed or not passed
    if failed:
        print(f"\nwhat they said: {folder}/RELEASE/results/TEST.log")
    return int(failed)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("given up")
