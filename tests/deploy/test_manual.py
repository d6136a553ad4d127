"""What is written about the program's options says what the program says."""

import re
import subprocess

import pytest

from support import exporter
from support.project import PROJECT

PROGRAM = PROJECT / "cmd" / "timewait_exporter"


def options_of_the_program():
    options = re.findall(r"^ +(?:-h,)?(--\S+)(?: ([A-Z:]+))?", exporter.run("--help").stdout, re.MULTILINE)
    assert len(options) > 5
    return {name: value for name, value in options}


def source_of_manual():
    return (PROGRAM / "timewait_exporter.8.in").read_text(encoding="ascii")


def test_the_manual_has_every_option_and_no_other():
    text = source_of_manual().replace("\\-", "-")
    section = text.split(".SH OPTIONS\n")[1].split("\n.SH ")[0]
    heads = re.findall(r"^\.TP\n\.(?:B|BI|BR) (.+)$", section, re.MULTILINE)
    described = dict(re.search(r"(--[\w.-]+)(?:= )?(.*)", head).groups() for head in heads)
    described = {name: value.replace(" ", "") for name, value in described.items()}
    assert described == options_of_the_program()


def test_the_manual_is_well_formed(tmp_path):
    page = tmp_path / "timewait_exporter.8"
    page.write_text(source_of_manual().replace("@PROJECT_VERSION@", "1.0"), encoding="ascii")
    result = subprocess.run(["mandoc", "-T", "lint", "-W", "style", page], capture_output=True, text=True, timeout=60,
                            check=False)
    assert (result.returncode, result.stdout) == (0, "")


def complete(*words):
    """What bash would offer for the last of the words, as it splits them."""
    script = f"""
      compopt() {{ :; }}
      source {PROGRAM / "completion.bash"}
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
      _timewait_exporter
      printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    result = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, timeout=20,
                            check=True)
    assert result.stderr == ""
    return set(result.stdout.split())


def test_completion_offers_every_option_and_no_other():
    options = options_of_the_program()
    assert complete("timewait_exporter", "--") == {f"{name}=" if value else name for name, value in options.items()}


@pytest.mark.parametrize("option, value, offered", [
    ("--log.level", "", {"debug", "info", "warn", "error"}),
    ("--log.level", "w", {"warn"}),
    ("--log.format", "j", {"json"}),
    ("--web.telemetry-path", "", set()),
])
def test_completion_offers_values(option, value, offered):
    assert complete("timewait_exporter", option, value) == offered
    assert complete("timewait_exporter", option, "=", value) == offered


def test_completion_of_a_value_that_has_not_begun():
    assert complete("timewait_exporter", "--log.format", "=") == {"logfmt", "json"}
