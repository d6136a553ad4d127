"""What a soak must show. Each criterion is judged from the record alone, so that each can be tried to fail."""

import dataclasses

from soak import ledger, trend

NORMAL_SCRAPES_PER_SECOND = 1 / 15
NORMAL_POLLS_PER_SECOND = 1 / 5
TIMES_NORMAL = 100
SCRAPES_LEAST, POLLS_LEAST = 0.8, 0.5  # of the pace that is asked for: a busy machine may take the rest
OLDEST_SECONDS = 1.0  # of what an answer tells
GROWTH_KIB = 512  # by the line, less twice its error, from the end of the warm-up to the end
MORE_AT_REST_KIB = 1024  # than after the warm-up
LOW_SECONDS = 60  # the lowest of each stretch counts: bursts of hostile clients take memory, and give it back
SHORTEST_TREND_SECONDS = 300
MEMORY = "Private_Dirty"


@dataclasses.dataclass(frozen=True)
class Criterion:
    name: str
    holds: bool
    figures: str


def judge(record):
    """All criteria. `record`: see soak.play."""
    found = [_faults_shown(record), _no_breach(record), _attacks_made(record), _counted_as_closed(record)]
    for name, of_one in record["exporters"].items():
        found += [dataclasses.replace(each, name=f"{name}: {each.name}") for each in _judge_exporter(of_one, record)]
    return found


def _judge_exporter(of_one, record):
    own_faults = [fault for fault in record["faults"] if fault["on"] == of_one["name"]]
    allowances = [allowed for fault in own_faults for allowed in fault["allowances"]]
    pauses = [allowed for allowed in allowances if allowed["kind"] == "pause"]
    seen = ledger.sightings(of_one["clients"])
    judged = [_answers(of_one, allowances), _scrape_pace(of_one, record), _poll_pace(of_one, seen),
              _missed(of_one, seen, pauses), _failed(seen, allowances), _even(of_one, seen),
              _young(of_one, pauses), _as_before(of_one, "descriptors"), _as_before(of_one, "threads"),
              _counters(of_one), _ended(of_one)]
    if record["expires"]:
        judged += [_memory_at_rest(of_one), _no_growth(of_one, record)]
    return judged


def _faults_shown(record):
    wrong = [f"{fault['fault']} ({fault['problem']})" for fault in record["faults"] if fault["problem"]]
    return Criterion("each fault showed, and was over when it ended", not wrong and bool(record["faults"]),
                     f"{len(record['faults'])} faults, wrong: {'; '.join(wrong) or 'none'}")


def _no_breach(record):
    breaches = [breach for each in record["hostile"] for breach in each["breaches"]]
    return Criterion("nobody got in without the password", not breaches, f"{len(breaches)} breaches")


def _attacks_made(record):
    counts = {}
    for each in record["hostile"]:
        for kind, count in each["attacks"].items():
            counts[kind] = counts.get(kind, 0) + count
    idle = [kind for kind, count in counts.items() if count == 0]
    return Criterion("each kind of attack was made", bool(counts) and (not idle or not record["expires"]),
                     ", ".join(f"{kind} {count}" for kind, count in counts.items()))


def _counted_as_closed(record):
    """A port that is used again while the exporter is stopped takes a socket away that no poll has seen."""
    closed, counted = record["loop_closed"], record["loop_counted"]
    pauses = sum(allowed["kind"] == "pause" for fault in record["faults"] for allowed in fault["allowances"])
    return Criterion("the counter of entries into TIME_WAIT is what was closed",
                     closed > 0 and 0 <= closed - counted <= pauses,
                     f"{closed:,.0f} closed, {counted:,.0f} counted; stopped {pauses} times")


def _answers(of_one, allowances):
    asked = sum(client["asked"] for client in of_one["clients"])
    all_failures = [failure for client in of_one["clients"] for failure in client["failures"]]
    failures = [failure for failure in all_failures if not _closed_after_an_injection(failure, allowances)]
    slowest = max(client["slowest"] for client in of_one["clients"])
    first = f", the first: {failures[0]}" if failures else ""
    return Criterion("every honest request got a right answer", asked > 0 and not failures,
                     f"{asked:,} requests, {len(failures)} failed, {len(all_failures) - len(failures)} new connections "
                     f"closed after injections, slowest {slowest:.2f} s{first}")


def _closed_after_an_injection(failure, allowances):
    """No wrong answer and no late one: the connection was closed with those of a flood that came meanwhile."""
    return failure["closed"] and any(allowed["kind"] in ("pause", "want") and
                                     allowed["begin"] <= failure["until"] and failure["at"] <= allowed["end"]
                                     for allowed in allowances)


def _scrape_pace(of_one, record):
    scrapes = sum(len(client["seen"]) for client in of_one["clients"]) / record["load_seconds"]
    return Criterion("scrapes at a hundred times the normal pace",
                     scrapes >= SCRAPES_LEAST * TIMES_NORMAL * NORMAL_SCRAPES_PER_SECOND,
                     f"{scrapes:.1f} a second, {scrapes / NORMAL_SCRAPES_PER_SECOND:.0f} times the normal pace")


def _poll_pace(of_one, seen):
    """Of each exporter's tables; the plain one's own namespace is polled twice in a round."""
    seconds = seen[-1]["moment"] - seen[0]["moment"]
    first, last = seen[0]["polls"], seen[-1]["polls"]
    polls = sum(last.get(name, 0) - first.get(name, 0) for name in of_one["namespaces"]) / seconds
    wanted = 10 * len(of_one["namespaces"])
    return Criterion("polls at the pace that was asked for", polls >= POLLS_LEAST * wanted,
                     f"{polls:.1f} a second in {len(of_one['namespaces'])} namespaces, "
                     f"{polls / NORMAL_POLLS_PER_SECOND:.0f} times the normal pace")


def _missed(of_one, seen, pauses):
    missed = ledger.missed_polls(seen)
    injected, starved, unexplained = ledger.account_for_missed(missed, pauses, of_one["delays"])
    polls = seen[-1]["polls"][""] - seen[0]["polls"][""]
    return Criterion("no poll was missed beyond what was injected", not unexplained,
                     f"{polls:,.0f} polls; missed: {injected} while stopped, {starved} while the machine gave no core, "
                     f"{sum(each['missed'] for each in unexplained)} unexplained {unexplained[:3] or ''}")


def _failed(seen, allowances):
    expected, unexplained = ledger.failed_polls(seen, allowances)
    injections = sum(allowed["kind"] == "failure" for allowed in allowances)
    return Criterion("no poll failed beyond what was injected, and those did",
                     not unexplained and expected >= injections,
                     f"{expected:.0f} failed in {injections} injections, {len(unexplained)} unexplained "
                     f"{unexplained[:3] or ''}")


def _even(of_one, seen):
    uneven = ledger.uneven_rounds(seen, of_one["namespaces"])
    return Criterion("every namespace was polled in every round", not uneven,
                     f"{len(uneven)} uneven {uneven[:3] or ''}")


def _young(of_one, pauses):
    old = ledger.old_answers(of_one["clients"], pauses, of_one["delays"], OLDEST_SECONDS)
    return Criterion(f"no answer told of a poll more than {OLDEST_SECONDS:.0f} s ago", not old,
                     f"{len(old)} did {old[:3] or ''}")


def _as_before(of_one, what):
    before, after = of_one["rested"][what], of_one["end"][what]
    most = max(sample[what] for sample in of_one["samples"])
    return Criterion(f"as many {what} at the end as after the warm-up", before == after,
                     f"{before} and {after}, most under load {most}")


def _counters(of_one):
    entered = of_one["entered"]
    return Criterion("at the end the kernel's counter is told as it is",
                     0 < entered["before"] <= entered["said"] <= entered["after"],
                     f"{entered['said']:,.0f} said, {entered['before']:,} before and {entered['after']:,} after")


def _ended(of_one):
    return Criterion("it lived through all of it, and ended well", of_one["exit_code"] == 0,
                     f"exit code {of_one['exit_code']}")


def _memory_at_rest(of_one):
    before, after = of_one["rested"][MEMORY], of_one["end"][MEMORY]
    return Criterion(f"at rest no more than {MORE_AT_REST_KIB} KiB more memory than after the warm-up",
                     after - before <= MORE_AT_REST_KIB, f"{before:,} KiB and {after:,} KiB")


def _no_growth(of_one, record):
    points = [(sample["at"], sample[MEMORY]) for sample in of_one["samples"]
              if record["measured_from"] <= sample["at"] <= record["measured_to"]]
    seconds = record["measured_to"] - record["measured_from"]
    if seconds < SHORTEST_TREND_SECONDS:
        return Criterion("memory does not grow under load", False, f"{seconds:.0f} s are too short to tell")
    slope, error = trend.line(trend.lows(points, LOW_SECONDS))
    return Criterion(f"memory under load grows by less than {GROWTH_KIB} KiB", (slope - 2 * error) * seconds < GROWTH_KIB,
                     f"{slope * seconds:+.0f} KiB in {seconds:.0f} s by the line, "
                     f"give or take {2 * error * seconds:.0f}")
