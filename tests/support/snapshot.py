"""GET /api/v1/snapshot of a running exporter, held to its schema."""

import json
from pathlib import Path

import jsonschema

PATH = "/api/v1/snapshot"
SCHEMA = json.loads((Path(__file__).parents[2] / "src/exposition/snapshot.schema.json").read_text(encoding="utf-8"))
_VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def check(snapshot):
    """Fails unless it is valid; returns it."""
    problems = [f"{error.json_path}: {error.message}" for error in _VALIDATOR.iter_errors(snapshot)]
    assert problems == []
    return snapshot


def read(daemon):
    """Of a support.exporter.Daemon."""
    status, _, body = daemon.get(PATH)
    assert status == 200
    return check(json.loads(body))
