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
from mutations.trial import STAGES, Trial

FOLDER = PROJECT / "build" / "mutations"
BUILDS = 2  # at a time


def in_rooms(mutations):
    """By room, the largest first."""
    by_room = collections.defaultdict(list)
    for each in mutations:
        by_room[each.room].append(each)
    return sorted(by_room.values(), key=len, reverse=True)


def try_stage(trees, mutations, stage):
    """Outcomes, as they come. A tree has a room to itself."""
    rooms = queue.SimpleQueue()
    for room in in_rooms(mutations):
        rooms.put(room)
    outcomes = queue.SimpleQueue()

    def work(tree):
        with contextlib.suppress(queue.Empty):
            while True:
                for mutation in rooms.get_nowait():
                    outcomes.put((mutation, Trial(tree, mutation).outcome(stage)))

    with concurrent.futures.ThreadPoolExecutor(len(trees)) as pool:
        working = [pool.submit(work, tree) for tree in trees]
        while not (outcomes.empty() and all(each.done() for each in working)):
            with contextlib.suppress(queue.Empty):
                yield outcomes.get(timeout=1)
        for each in working:
            each.result()


def try_all(mutations, record):
    """The outcome of each; added to the file `record`, too, as soon as it is known. What one stage does not notice is for
    the next."""
    trees = [Tree(FOLDER / f"tree-{number + 1}") for number in range(BUILDS)]
    for tree in trees:
        tree.prepare()
    left = mutations
    for stage in STAGES:
        unnoticed = []
        for mutation, outcome in try_stage(trees, left, stage):
            if outcome.by == "" and stage != STAGES[-1]:
                print(f"{mutation}: not noticed so far ({outcome.seconds:.0f} s)", flush=True)
                unnoticed.append(mutation)
                continue
            print(json.dumps(dataclasses.asdict(outcome)), file=record, flush=True)
            yield outcome
        left = unnoticed


def main(name_regex=""):
    mutations = [each for each in listed() if re.search(name_regex, str(each)) and not each.equivalent]
    if not mutations:
        return f"no mutation's name has {name_regex!r} in it"
    FOLDER.mkdir(parents=True, exist_ok=True)
    outcomes = []
    with (FOLDER / "outcomes.jsonl").open("a", encoding="utf-8") as record:
        for outcome in try_all(mutations, record):
            print(report.line(outcome), flush=True)
            outcomes.append(outcome)
    print("\n" + report.totals(mutations, outcomes))
    return report.shortcomings(mutations, outcomes)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
