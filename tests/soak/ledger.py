"""The books of the polls: which were missed, which failed, and what that is put down to."""

from soak.site import INTERVAL_SECONDS

WINDOW_SECONDS = 2  # a poll that is late is not one that is missed: the earliest of so long tell
_AFTERWARDS_SECONDS = 1  # polls and scrapes may still tell of what is over


def sightings(records):
    """What all clients of an exporter saw of its polls, in order."""
    return sorted((each for record in records for each in record["seen"]), key=lambda each: each["moment"])


def missed_polls(seen):
    """[{"begin", "end", "missed"}]: polls of the exporter's own namespace that were due and not made.

    A poll at its time is `offset` intervals behind the number of polls; each that is left out adds one to it. A late
    one adds to it in passing, a reload takes away less than one. So the least of a window counts.
    """
    windows = {}
    for each in seen:
        offset = each["moment"] / INTERVAL_SECONDS - each["polls"][""]
        window = int(each["moment"] // WINDOW_SECONDS)
        least = windows.get(window)
        windows[window] = min(offset, least) if least is not None else offset
    missed, last_window, last_offset = [], None, None
    for window, offset in sorted(windows.items()):
        if last_offset is not None and offset - last_offset >= 0.5:
            missed.append({"begin": last_window * WINDOW_SECONDS, "end": (window + 1) * WINDOW_SECONDS,
                           "missed": round(offset - last_offset)})
        last_window, last_offset = window, offset
    return missed


def account_for_missed(missed, pauses, delays):
    """(injected, for want of a core, [unexplained]): numbers of polls, and the entries that nothing explains.

    A pause explains as many as fit into it; what is left is the machine's fault where the thread that polls waited for
    a core for at least half of the time.
    """
    injected, starved, unexplained = 0, 0, []
    for each in missed:
        left = each["missed"]
        for pause in pauses:
            if pause["begin"] < each["end"] and each["begin"] < pause["end"]:
                taken = min(left, round((pause["end"] - pause["begin"]) / INTERVAL_SECONDS) + 1)
                injected, left = injected + taken, left - taken
        waited = sum(delay["seconds"] for delay in delays
                     if delay["begin"] < each["end"] and each["begin"] < delay["end"])
        if left and waited >= left * INTERVAL_SECONDS / 2:
            starved += left
        elif left:
            unexplained.append(each | {"missed": left, "waited_for_a_core": waited})
    return injected, starved, unexplained


def failed_polls(seen, allowances):
    """(failed where it was injected, [unexplained]): numbers of polls, and what nothing explains."""
    expected, unexplained, before, last = 0, [], {}, None
    for each in seen:
        for namespace, reason, value in each["errors"]:
            more = value - before.get((namespace, reason), 0)
            before[namespace, reason] = value
            if more <= 0:
                continue
            begin = last["asked_at"] if last else 0
            if any(allowed["kind"] == "failure" and (allowed["namespace"], allowed["reason"]) == (namespace, reason) and
                   allowed["begin"] <= each["answered_at"] and begin <= allowed["end"] + _AFTERWARDS_SECONDS
                   for allowed in allowances):
                expected += more
            else:
                unexplained.append({"namespace": namespace, "reason": reason, "polls": more, "seen_at": each["asked_at"]})
        last = each
    return expected, unexplained


def uneven_rounds(seen, namespaces):
    """Where a configured namespace was not polled as often as the exporter's own."""
    uneven = []
    for before, now in zip(seen, seen[1:]):
        rounds = now["polls"][""] - before["polls"][""]
        for name in namespaces[1:]:
            if now["polls"].get(name) != before["polls"].get(name, 0) + rounds:
                uneven.append({"namespace": name, "at": now["moment"], "rounds": rounds,
                               "polls": [before["polls"].get(name), now["polls"].get(name)]})
    return uneven


def old_answers(records, pauses, delays, limit):
    """Answers whose figures were older than `limit` seconds though nothing had been paused, nor waited for a core."""
    old = []
    for record in records:
        for each in record["seen"]:
            age = each["answered_at"] - each["moment"]
            if age <= limit + (each["answered_at"] - each["asked_at"]):
                continue
            paused = any(pause["begin"] < each["answered_at"] and each["moment"] < pause["end"] + _AFTERWARDS_SECONDS
                         for pause in pauses)
            waited = sum(delay["seconds"] for delay in delays
                         if delay["begin"] < each["answered_at"] and each["moment"] < delay["end"])
            if not paused and waited < (age - limit) / 2:
                old.append({"client": record["client"], "asked_at": each["asked_at"], "age": age})
    return old
