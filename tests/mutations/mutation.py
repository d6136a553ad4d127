"""Mutations of the sources: one small mistake each, which a test has to notice."""

import dataclasses
import pathlib
import tomllib

PROJECT = pathlib.Path(__file__).resolve().parents[2]
LISTS = {name: pathlib.Path(__file__).with_name(f"{name}.toml") for name in ("chosen", "drawn")}


@dataclasses.dataclass(frozen=True)
class Mutation:
    list: str  # a key of LISTS
    name: str
    file: str  # below the project
    text: str  # what stands there, once
    instead: str
    wrong: str  # what goes wrong then, or the rule that made it
    equivalent: str = ""  # why no user and no test could tell, if so

    @property
    def room(self):
        return pathlib.Path(self.file).parts[1]

    def __str__(self):
        return f"{self.list}.{self.room}.{self.name}"

    def apply_to(self, source):
        """The file's text with the mistake in it."""
        if source.count(self.text) != 1:
            raise ValueError(f"{self}: {self.file} has its text {source.count(self.text)} times, not once")
        return source.replace(self.text, self.instead)


def listed():
    """All of both lists, in their order."""
    return [Mutation(list=name, **entry)
            for name, file in LISTS.items()
            for entry in tomllib.loads(file.read_text(encoding="utf-8"))["mutation"]]
