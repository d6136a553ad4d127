"""The mistakes listed in tests/mutations can be made: what each replaces stands once in its file."""

import collections

import pytest

from mutations.mutation import LISTS, PROJECT, Mutation, listed


@pytest.mark.parametrize("name", LISTS)
def test_each_can_be_made(name):
    wrong = []
    for mutation in (each for each in listed() if each.list == name):
        try:
            assert mutation.text != mutation.instead
            mutation.apply_to((PROJECT / mutation.file).read_text(encoding="utf-8"))
        except (AssertionError, FileNotFoundError, ValueError) as error:
            wrong.append(str(error) or f"{mutation}: changes nothing")
    assert wrong == []


def test_names_are_unique():
    names = collections.Counter(str(each) for each in listed())
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("source", ["a = b;\n", "int x = 0;\nint x = 0;\n"])
def test_text_that_is_not_there_once(source):
    mutation = Mutation(list="chosen", name="any", file="src/room/file.cpp", text="int x", instead="int y", wrong="it")
    with pytest.raises(ValueError, match="times, not once"):
        mutation.apply_to(source)
