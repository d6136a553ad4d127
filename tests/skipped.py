"""Says which tests CTest skipped, and why, so that what did not run does not look like what passed.

usage: skipped.py [--none] FILE

FILE is what ctest --output-junit wrote. With --none it is a failure that any was skipped.
"""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

# GoogleTest's words, and pytest's summary.
REASON = re.compile(r"^.*: Skipped\n(.*)|^SKIPPED \[\d+\] (.*)", re.MULTILINE)


def skipped(report):
    """(name, reasons) of each."""
    for test in ElementTree.parse(report).getroot().iter("testcase"):
        if test.get("status") in {"notrun", "disabled"}:
            reasons = REASON.findall(test.findtext("system-out", ""))
            yield test.get("name"), "; ".join("".join(reason) for reason in reasons) or test.get("status")


def main(arguments):
    strict = arguments[0] == "--none"
    report = Path(arguments[-1])
    found = list(skipped(report)) if report.exists() else []
    if found:
        print(f"\n{len(found)} skipped{', and here none may be' if strict else ''}:", file=sys.stderr)
    for name, reason in found:
        print(f"  {name}: {reason}", file=sys.stderr)
    return 1 if strict and (found or not report.exists()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
