"""A mistake in a program fails the test that started it, though nobody reads its standard error or its exit code."""

import os
import subprocess

import pytest

from support.instruments import INSTRUMENT

_FAULTS = {"address,undefined": {"use-after-free": "heap-use-after-free", "leak": "1000 byte(s) leaked",
                                 "overflow": "signed integer overflow"},
           "thread": {"race": "data race"},
           "valgrind": {"use-after-free": "Invalid read", "leak": "1,000 bytes in 1 blocks are definitely lost"}}


@pytest.mark.parametrize("fault, words", _FAULTS[INSTRUMENT].items())
def test_it_is_reported(reports, fault, words):
    faulty = subprocess.run([*os.environ["TIMEWAIT_FAULTY"].split(), fault], capture_output=True, check=False)
    assert words in reports.take()
    assert faulty.returncode != 0
