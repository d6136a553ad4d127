"""The JSON of a diagnosis: a schema with nothing open, and what the program's unit tests keep is valid by it."""

import json

import pytest

from support import diagnosis
from support.project import PROJECT

GOLDEN = PROJECT / "tests/unit/report/golden/diagnosis.json"
KINDS = PROJECT / "src/exposition/snapshot.schema.json"


def golden():
    return json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_schema_is_one_and_leaves_nothing_open():
    assert diagnosis.SCHEMA.check_that_nothing_is_open() == 3


def test_all_that_a_diagnosis_can_hold_is_valid():
    whole = diagnosis.SCHEMA.check(golden())
    problems = whole["problems"]
    for field in problems[0]:  # each is there at least once, so that its schema is put to the test
        assert any(problem[field] for problem in problems), field
    assert all(whole[field] for field in whole)


def test_kinds_are_those_of_findings():
    schema = json.loads(KINDS.read_text(encoding="utf-8"))
    kinds = schema["$defs"]["finding"]["properties"]["kind"]["enum"]
    assert {problem["kind"] for problem in golden()["problems"]} <= set(kinds)


@pytest.mark.parametrize("spoil", [
    lambda whole: whole.update(more=1),
    lambda whole: whole.pop("harmless"),
    lambda whole: whole.update(exit_code=1),
    lambda whole: whole.update(worst="fine"),
    lambda whole: whole["unknown"].append(""),
    lambda whole: whole["problems"][0].pop("why"),
    lambda whole: whole["problems"][0].update(peer=7),
    lambda whole: whole["problems"][0]["remedies"][0].update(lines="one"),
    lambda whole: whole["problems"][0]["remedies"][0].update(what=""),
])
def test_the_schema_has_teeth(spoil):
    whole = golden()
    spoil(whole)
    with pytest.raises(AssertionError):
        diagnosis.SCHEMA.check(whole)
