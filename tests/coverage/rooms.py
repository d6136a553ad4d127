"""Which lines and branches the tests took, room by room: a table on stdout, and every line as HTML.

Called by ./dev coverage with the build's folder, in the project's. gcov's counts are read and added up by gcovr. What
the compiler adds for exceptions is not counted: no test can take the branch in which every call of a library throws.
"""

import collections
import json
import pathlib
import subprocess
import sys

# Headers count with the tests that use them, hence all objects; of sources, those of the product.
GCOVR = ["gcovr", "--root", ".", "--filter", "src/", "--filter", "cmd/", "--exclude-throw-branches",
         "--exclude-unreachable-branches", "-j", "2"]


def counts_by_room(summary):
    """{room: Counter of line_covered, line_total, branch_covered and branch_total}"""
    rooms = collections.defaultdict(collections.Counter)
    for file in summary["files"]:
        top, room, *_ = pathlib.Path(file["filename"]).parts
        counts = {what: file[what] for what in ("line_covered", "line_total", "branch_covered", "branch_total")}
        rooms[room if top == "src" else f"{top}/{room}"].update(counts)
        rooms["all"].update(counts)
    return rooms


def share(counts, what):
    covered, total = counts[f"{what}_covered"], counts[f"{what}_total"]
    return f"{100 * covered / total:5.1f} % of {total:5}" if total else "-"


def main(build):
    html = build / "html"
    html.mkdir(exist_ok=True)
    subprocess.run([*GCOVR, "--json-summary", build / "summary.json", "--json", build / "counts.json",
                    "--html-details", html / "index.html", build], check=True)
    rooms = counts_by_room(json.loads((build / "summary.json").read_text(encoding="utf-8")))
    print(f"{'room':24} {'branches':>16} {'lines':>16}")
    for room in sorted(rooms, key=lambda name: (name == "all", name)):
        print(f"{room:24} {share(rooms[room], 'branch'):>16} {share(rooms[room], 'line'):>16}")
    print(f"line by line: {html}/index.html")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
