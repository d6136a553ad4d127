"""Lists of bad configurations, and what the exporter says about each: see bad_config/cases.txt."""

import re
import subprocess

import pytest

from support.exporter import binary

EXIT_BAD_CONFIG = 2


def expand(body):
    return re.sub(
        rb"@\{([0-9a-f]+)(?:\*(\d+))?\}",
        lambda found: bytes.fromhex(found[1].decode()) * int(found[2] or 1),
        body.encode(),
    )


def read_case(text):
    lines = text.split("\n")
    expected = []
    for line in lines[1:]:
        if not line.startswith("> "):
            break
        expected.append(line.removeprefix("> "))
    body = "\n".join(lines[1 + len(expected) :]).rstrip("\n") + "\n"
    return pytest.param(expand(body), expected, id=lines[0])


def read_cases(file):
    """Parameters (content, expected): how each problem begins, behind "FILE:"."""
    return [read_case(text) for text in re.split(r"(?m)^### ", file.read_text("utf-8"))[1:]]


def assert_refused(flag, file, content, expected):
    """--config.check of `file` with this content under `flag` tells exactly the expected problems."""
    file.write_bytes(content)
    run = subprocess.run([binary(), "--config.check", f"{flag}={file}"], capture_output=True, timeout=20, check=False)
    said = run.stderr.decode().splitlines()
    problems = [line.removeprefix(f"{file}:") for line in said if line.startswith(f"{file}:")]
    assert run.returncode == EXIT_BAD_CONFIG, said
    assert run.stdout == b""
    assert len(problems) == len(expected), problems
    for problem, beginning in zip(problems, expected):
        assert problem.startswith(beginning)
