"""GET /api/v1/snapshot of a running exporter, held to its schema."""

import json

from support.json_schema import Schema
from support.project import PROJECT

PATH = "/api/v1/snapshot"
SCHEMA = Schema(PROJECT / "src/exposition/snapshot.schema.json")


def check(snapshot):
    """Fails unless it is valid; returns it."""
    return SCHEMA.check(snapshot)


def read(daemon):
    """Of a support.exporter.Daemon."""
    status, _, body = daemon.get(PATH)
    assert status == 200
    return check(json.loads(body))
