"""What came of the mutations, in words and tables."""

import collections

from mutations.mutation import LISTS

LEAST = 0.9


def line(outcome):
    if not outcome.counts:
        what = "does not compile"
    elif outcome.is_noticed:
        what = f"noticed by {outcome.by}: {outcome.test}"
    else:
        what = "NOT NOTICED"
    return f"{outcome.mutation}: {what} ({outcome.seconds:.0f} s)"


def table(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in lines)


def tally(mutations, outcomes, key):
    """{key: Counter of by}, of those that count."""
    by_name = {outcome.mutation: outcome for outcome in outcomes}
    counts = collections.defaultdict(collections.Counter)
    for mutation in mutations:
        outcome = by_name.get(str(mutation))
        if outcome and outcome.counts:
            counts[key(mutation)][outcome.by] += 1
    return counts


def share(counter):
    return 1 - counter[""] / counter.total()


def totals(mutations, outcomes):
    rows = []
    for name in LISTS:
        mine = [each for each in mutations if each.list == name]
        by_room = tally(mine, outcomes, lambda mutation: mutation.room)
        everything = sum(by_room.values(), collections.Counter())
        for room, counter in [*sorted(by_room.items()), ("all", everything)]:
            if counter:
                rows.append([name, room, counter.total(), counter["build"], counter["unit"], counter["replay"], counter["black box"],
                             counter[""], f"{share(counter):.0%}"])
    return table(["list", "room", "mistakes", "build", "unit tests", "replays", "black box", "nobody", "noticed"], rows)


def shortcomings(mutations, outcomes):
    """Why it is not good enough; None if it is."""
    counts = tally(mutations, outcomes, lambda mutation: mutation.list)
    low = [f"of the {name} mistakes only {share(counter):.0%} are noticed"
           for name, counter in counts.items() if share(counter) < LEAST]
    return "; ".join(low) or None
