"""Every shell script of the project is clean."""

import subprocess

import pytest

from support.project import PROJECT

FOLDERS = (".ci", "cmd", "deploy", "systemd", "tests")
# What a package's options are kept in is a shell's assignments.
OTHERS = (PROJECT / "dev", PROJECT / "deploy/packages/options")


def shell_of(path):
    """What the first line names, or else the suffix; None if it is no script of a shell."""
    with path.open("rb") as file:
        first = file.readline().split()
    if first and first[0].startswith(b"#!"):
        shell = first[-1].rpartition(b"/")[2].decode()
        return shell if shell in {"sh", "bash"} else None
    return {".sh": "sh", ".bash": "bash"}.get(path.suffix)


def scripts():
    everything = [path for folder in FOLDERS for path in sorted((PROJECT / folder).rglob("*")) if path.is_file()]
    return [*OTHERS, *(path for path in everything if shell_of(path))]


@pytest.mark.parametrize("script", scripts(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_shellcheck_has_nothing_to_say(script):
    # What has no shell of its own is read by somebody else's script, which uses the variables.
    read_by_others = [] if script.read_bytes().startswith(b"#!") else ["--exclude=SC2034"]
    result = subprocess.run(["shellcheck", f"--shell={shell_of(script) or 'sh'}", *read_by_others, script],
                            capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout) == (0, "")


def test_scripts_are_found():
    found = {str(path.relative_to(PROJECT)) for path in scripts()}
    assert {".ci/run", "cmd/timewait/completion.bash", "deploy/packages/build", "deploy/packages/deb/postinst",
            "deploy/packages/rpm/post.sh"} <= found
    assert any("/hooks/" in path for path in found)
