"""The mistakes listed in tests/mutations can be made: what each replaces stands once in its file."""

import collections

import pytest

from mutations import draw
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


@pytest.mark.parametrize(
    ("line", "mutants"),
    [
        ("  if (a < b) return c;\n", ["  if (a <= b) return c;\n", ""]),
        ("  const std::vector<int> none = \"a < b\";  // c && d\n", []),
        ("  // a + b\n", []),
        ("  list.clear();\n", [""]),
        ("  return !ready && count == 0;\n", ["  return !ready && count != 0;\n", "  return !ready || count == 0;\n",
                                              "  return ready && count == 0;\n", "  return !ready && count == 1;\n"]),
    ],
)
def test_rules_by_which_they_are_drawn(line, mutants):
    assert [mutant for mutant, _ in draw.mutants_of(["{\n", line], 1)] == mutants


def test_what_is_drawn_has_as_many_lines_around_it_as_make_it_unique():
    lines = ["a;\n", "x;\n", "b;\n", "x;\n"]
    assert draw.with_context(lines, 1, "") == ("a;\nx;\nb;\n", "a;\nb;\n")
    assert draw.with_context(lines, 2, "c;\n") == ("b;\n", "c;\n")
