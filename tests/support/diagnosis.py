"""What `timewait diagnose --json` writes."""

from support.json_schema import Schema
from support.project import PROJECT

SCHEMA = Schema(PROJECT / "src/report/diagnosis.schema.json")
