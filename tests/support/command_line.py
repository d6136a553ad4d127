"""What the tests of both programs' command lines have in common."""


def fails(result, code, *words):
    """It ended with that code, said nothing on stdout, and each of the words on stderr."""
    assert result.returncode == code, result.stderr
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr
