"""usage: python3 -m mutations [NAME-REGEX]      (see ./dev mutate)

Puts each listed mistake whose name has the expression in it into a copy of the project, in turn, and says which test
notices. Exits with 1 if more than a tenth of one list goes unnoticed.
"""

import collections
import concurrent.futures
import contextlib
import dataclasses
import json
import queue
import re
import sys

from mutations import report
from mutations.mutation import PROJECT, listed
from mutations.tree import Tree
from mutations.trial import Trial

FOLDER = PROJECT / "build" / "mutations"
BUILDS = 2  # at a time


def try_all(mutations, record):
    """Outcomes, as they come; each is added to the file `record`. One tree takes a room at a time, the largest first."""
    by_room = collections.defaultdict(list)
    for each in mutations:
        by_room[each.room].append(each)
    rooms = queue.SimpleQueue()
    for room in sorted(by_room, key=lambda room: -len(by_room[room])):
        rooms.put(by_room[room])
    outcomes = queue.SimpleQueue()

    def work(tree):
        tree.prepare()
        with contextlib.suppress(queue.Empty):
            while True:
                for mutation in rooms.get_nowait():
                    outcomes.put(Trial(tree, mutation).outcome())

    with concurrent.futures.ThreadPoolExecutor(BUILDS) as pool, record.open("a", encoding="utf-8") as file:
        working = [pool.submit(work, Tree(FOLDER / f"tree-{number + 1}")) for number in range(BUILDS)]
        while not (outcomes.empty() and all(each.done() for each in working)):
            with contextlib.suppress(queue.Empty):
                outcome = outcomes.get(timeout=1)
                print(json.dumps(dataclasses.asdict(outcome)), file=file, flush=True)
                yield outcome
        for each in working:
            each.result()


def main(name_regex=""):
    mutations = [each for each in listed() if re.search(name_regex, str(each)) and not each.equivalent]
    if not mutations:
        return f"no mutation's name has {name_regex!r} in it"
    FOLDER.mkdir(parents=True, exist_ok=True)
    outcomes = []
    for outcome in try_all(mutations, FOLDER / "outcomes.jsonl"):
        print(report.line(outcome), flush=True)
        outcomes.append(outcome)
    print("\n" + report.totals(mutations, outcomes))
    return report.shortcomings(mutations, outcomes)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
