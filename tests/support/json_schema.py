"""JSON Schemas of ours: holds values to them, and them to what all of them promise."""

import json

import jsonschema


class Schema:
    def __init__(self, file):
        self._schema = json.loads(file.read_text(encoding="utf-8"))
        self._validator = jsonschema.Draft202012Validator(self._schema)

    def check(self, value):
        """Fails unless it is valid; returns it."""
        problems = [f"{error.json_path}: {error.message}" for error in self._validator.iter_errors(value)]
        assert problems == []
        return value

    def check_that_nothing_is_open(self, optional=()):
        """A schema of 2020-12, whose every field is described; each object has all of its fields, but in the definitions
        named in `optional`, and no others. Returns how many objects it describes."""
        jsonschema.Draft202012Validator.check_schema(self._schema)
        objects = list(_objects_of(self._schema))
        for name, path, schema in objects:
            assert schema["additionalProperties"] is False, path
            for field, definition in schema["properties"].items():
                assert self._is_described(definition), f"{path}.{field}"
            if name not in optional:
                assert sorted(schema["required"]) == sorted(schema["properties"]), path
        return len(objects)

    def _is_described(self, definition):
        if definition.get("description"):
            return True
        reference = definition.get("$ref", "").removeprefix("#/$defs/")
        return bool(reference) and self._is_described(self._schema["$defs"][reference])


def _objects_of(schema, name="", path="$"):
    """(name of the definition, path, schema) of each object that the schema describes."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield name, path, schema
        for key, value in schema.items():
            inside = key if path == "$.$defs" else name
            yield from _objects_of(value, inside, f"{path}.{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from _objects_of(value, name, f"{path}[{index}]")
