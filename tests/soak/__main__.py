"""usage: python3 -m soak DIRECTORY MINUTES      (see ./dev soak)

Soaks the exporter for so many minutes; `short` in their place is the least that goes through all of it, in which
memory is not judged. Leaves REPORT.md and records in DIRECTORY. Exits with 1 unless all criteria hold.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import sys

_INSIDE = "SOAK_HAS_ITS_OWN_PROCESSES"
_NICENESS = -10  # where root may have it: what else runs on the machine takes less of the pace


def _go_where_nothing_of_the_machine_is():
    """Mounts and processes of its own, which end with it; discovery finds none of the others' namespaces."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    os.execvpe("unshare", ["unshare", *user, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                           sys.executable, "-B", "-m", "soak", *sys.argv[1:]], os.environ | {_INSIDE: "1"})


def _go_first():
    """Where sessions share the cores (sched_autogroup), niceness counts within each, so the session has one too."""
    os.setsid()
    with contextlib.suppress(PermissionError, FileNotFoundError):
        os.nice(_NICENESS)
        pathlib.Path("/proc/self/autogroup").write_text(str(_NICENESS), encoding="ascii")


def main(directory, minutes):
    from soak import criteria, play, report
    directory = pathlib.Path(directory).resolve()
    plan = play.SHORT if minutes == "short" else play.plan_for(float(minutes))
    record = play.run(plan, directory)
    judged = criteria.judge(record)
    (directory / "criteria.json").write_text(
        json.dumps([dataclasses.asdict(each) for each in judged], indent=1) + "\n", encoding="utf-8")
    (directory / "faults.json").write_text(json.dumps(record["faults"], indent=1) + "\n", encoding="utf-8")
    text = report.text(record, judged, f"./dev soak {minutes}")
    (directory / "REPORT.md").write_text(text, encoding="utf-8")
    print(text)
    return 0 if all(criterion.holds for criterion in judged) else 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if _INSIDE not in os.environ:
        _go_where_nothing_of_the_machine_is()
    _go_first()
    sys.exit(main(*sys.argv[1:]))
