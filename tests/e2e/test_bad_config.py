"""Every bad configuration is refused with the problems that bad_config/cases.txt lists."""

import os
import pathlib
import re
import subprocess

import pytest

CASES = pathlib.Path(__file__).parent / "bad_config" / "cases.txt"
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


def read_cases():
    return [read_case(text) for text in re.split(r"(?m)^### ", CASES.read_text("utf-8"))[1:]]


@pytest.mark.parametrize("content, expected", read_cases())
def test_is_refused_with_every_problem(tmp_path, content, expected):
    file = tmp_path / "bad.yml"
    file.write_bytes(content)
    run = subprocess.run(
        [os.environ["TIMEWAIT_EXPORTER"], "--config.check", f"--config.file={file}"],
        capture_output=True,
        timeout=20,
        check=False,
    )
    problems = [
        line.removeprefix(f"{file}:")
        for line in run.stderr.decode().splitlines()
        if line.startswith(f"{file}:")
    ]
    assert run.returncode == EXIT_BAD_CONFIG
    assert run.stdout == b""
    assert len(problems) == len(expected), problems
    for problem, beginning in zip(problems, expected):
        assert problem.startswith(beginning)
