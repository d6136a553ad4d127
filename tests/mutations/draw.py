"""Draws mutations by rule and by lot: python3 -m mutations.draw [NUMBER] > tests/mutations/drawn.toml

Each place of src/**/*.cpp where a rule applies is as likely as any other. What is drawn is checked in, so that a change
elsewhere in the sources does not draw others.
"""

import collections
import random
import re
import sys

from mutations.mutation import PROJECT

SEED = 10
NUMBER = 60

# Pattern, replacement, what it is. The code is laid out, so that operators have spaces and templates' brackets none.
SWAPS = [
    (r" < ", " <= ", "< becomes <="),
    (r" <= ", " < ", "<= becomes <"),
    (r" > ", " >= ", "> becomes >="),
    (r" >= ", " > ", ">= becomes >"),
    (r" == ", " != ", "== becomes !="),
    (r" != ", " == ", "!= becomes =="),
    (r" \+ ", " - ", "+ becomes -"),
    (r" - ", " + ", "- becomes +"),
    (r" \+= ", " -= ", "+= becomes -="),
    (r" && ", " || ", "&& becomes ||"),
    (r" \|\| ", " && ", "|| becomes &&"),
    (r"(?<=[ (])!(?=[\w(*])", "", "a ! is gone"),
    (r"(?<![\w.'\"])0(?![\w.'\"])", "1", "0 becomes 1"),
    (r"(?<![\w.'\"])1(?![\w.'\"])", "0", "1 becomes 0"),
    (r"\btrue\b", "false", "true becomes false"),
    (r"\bfalse\b", "true", "false becomes true"),
]
STATEMENT = re.compile(r"\s+(?!return|using|const|auto|static|break|continue|if|for|while|else|case|throw|delete)"
                       r"(?:(?:\+\+|--)?[\w.:>\[\]*()-]+;|[\w.:>\[\]*-]+(?:\(.*\)| [-+|&]?= .*);)\n")
EARLY_RETURN = re.compile(r"\s+if \(.*\) (?:return.*|continue|break);\n")
QUIET = re.compile(r"\s*(?://|#|using |namespace |template|static_assert)")


def is_in_text(line, position):
    """Inside a string, or behind the beginning of a comment."""
    before = line[:position]
    return before.count('"') % 2 == 1 or "//" in before


def mutants_of(lines, number):
    """(the line mutated, the rule), for each place of a line where a rule applies."""
    line = lines[number]
    if QUIET.match(line):
        return
    for pattern, replacement, rule in SWAPS:
        for match in re.finditer(pattern, line):
            is_of_text = '"' in line and rule.startswith("+")  # text is put together with it, and has no other operator
            if not is_in_text(line, match.start()) and not is_of_text:
                yield line[:match.start()] + replacement + line[match.end():], rule
    is_whole = number > 0 and lines[number - 1].rstrip().endswith((";", "{", "}"))
    if is_whole and STATEMENT.fullmatch(line):
        yield "", "a statement is gone"
    if is_whole and EARLY_RETURN.fullmatch(line):
        yield "", "an early end is gone"


def with_context(lines, number, mutant):
    """The line and its mutant, with as many lines around both as make the first unique in its file."""
    source = "".join(lines)
    first, last = number, number + 1
    while source.count("".join(lines[first:last])) > 1:
        first, last = max(first - 1, 0), last + 1
    before, after = "".join(lines[first:number]), "".join(lines[number + 1:last])
    return before + lines[number] + after, before + mutant + after


def candidates():
    for file in sorted((PROJECT / "src").rglob("*.cpp")):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        for number in range(len(lines)):
            for mutant, rule in mutants_of(lines, number):
                yield str(file.relative_to(PROJECT)), number, lines, mutant, rule


def draw(number):
    everywhere = list(candidates())
    random.Random(SEED).shuffle(everywhere)
    lines_drawn = collections.Counter()
    for file, line, lines, mutant, rule in everywhere:
        if len(lines_drawn) == number:
            return
        if lines_drawn[file, line]:
            continue
        lines_drawn[file, line] += 1
        text, instead = with_context(lines, line, mutant)
        yield f"{file.rsplit('/')[-1].removesuffix('.cpp')}_{line + 1}", file, text, instead, rule


def main(number=NUMBER):
    print(f"# Drawn by rule and by lot: see draw.py. Seed {SEED}, {number} of {len(list(candidates()))} places.")
    for name, file, text, instead, rule in draw(int(number)):
        print(f"\n[[mutation]]\nname = \"{name}\"\nfile = \"{file}\"\nwrong = \"{rule}\"")
        print(f"text = '''\n{text}'''\ninstead = '''\n{instead}'''")


if __name__ == "__main__":
    main(*sys.argv[1:])
