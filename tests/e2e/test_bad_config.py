"""Every bad configuration is refused with the problems that bad_config/cases.txt lists."""

import pathlib

import pytest

from support.bad_cases import assert_refused, read_cases

CASES = pathlib.Path(__file__).parent / "bad_config" / "cases.txt"


@pytest.mark.parametrize("content, expected", read_cases(CASES))
def test_is_refused_with_every_problem(tmp_path, content, expected):
    assert_refused("--config.file", tmp_path / "bad.yml", content, expected)
