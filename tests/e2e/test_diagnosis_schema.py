"""The JSON of a diagnosis: its schema leaves nothing open, and its document tells how to ask it."""

import json
import os
import re
import subprocess

import pytest

from support import diagnosis, snapshot
from support.project import PROJECT

GOLDENS = PROJECT / "tests/unit/report/golden"
GOLDEN = GOLDENS / "diagnosis.json"  # which has all that there can be
RECORDED = sorted(file.name.removesuffix(".diagnosis.json") for file in GOLDENS.glob("*.diagnosis.json"))
DOCUMENT = PROJECT / "src/report/DIAGNOSIS.md"
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


@pytest.mark.parametrize("name", RECORDED)
def test_what_is_said_of_recorded_hosts_is_valid(name):
    told = diagnosis.SCHEMA.check(json.loads((GOLDENS / f"{name}.diagnosis.json").read_text(encoding="utf-8")))
    shown = snapshot.check(json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8")))
    assert (told["worst"] is None) == (shown["findings"] == [])


def test_there_are_recorded_hosts():
    assert len(RECORDED) >= 4


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


@pytest.fixture
def ask(tmp_path):
    """Runs a command of the document, on a host that is as the golden says."""
    stand_in = tmp_path / "timewait"
    stand_in.write_text(f"#!/bin/sh\n[ \"$*\" = 'diagnose --json' ] || exit 2\ncat '{GOLDEN}'\nexit 4\n",
                        encoding="utf-8")
    stand_in.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    return lambda command: subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True,
                                          text=True, timeout=30, check=False)


def test_the_commands_of_the_document_work(ask):
    document = DOCUMENT.read_text(encoding="utf-8")
    go_on, problems, remedies = map(ask, re.findall(r"^timewait .*$", document, re.MULTILINE))
    assert (go_on.returncode, go_on.stdout, go_on.stderr) == (4, "", "")
    assert problems.stdout.startswith("critical: Toward ") and problems.stdout.count("\n") == 2 and not problems.stderr
    assert "\n    upstream orders {\n" in remedies.stdout and not remedies.stderr
