"""What is written about the programs' options says what the programs say."""

import os
import re
import subprocess

import pytest

from support.project import PROJECT

MANUALS = {"timewait": "timewait.1", "timewait_exporter": "timewait_exporter.8"}
COMMANDS = {"timewait": {"diagnose", "top"}, "timewait_exporter": set()}

each_program = pytest.mark.parametrize("program", MANUALS)


def help_of(program, *command):
    result = subprocess.run([os.environ[program.upper()], *command, "--help"], capture_output=True, text=True, timeout=20,
                            check=True)
    return result.stdout


def options_of(program, *command):
    """{name: what its value is called, if it takes one}"""
    options = re.findall(r"^ +(?:-h,)?(--\S+)(?: ([A-Z:]+))?", help_of(program, *command), re.MULTILINE)
    assert "--help" in dict(options)
    return dict(options)


def every_option_of(program):
    options = options_of(program)
    assert len(options) > 5
    for command in COMMANDS[program]:
        options |= options_of(program, command)
    return options


def source_of_manual(program):
    return (PROJECT / "cmd" / program / f"{MANUALS[program]}.in").read_text(encoding="ascii")


def section(program, name):
    text = source_of_manual(program).replace("\\-", "-")
    return text.split(f".SH {name}\n")[1].split("\n.SH ")[0]


@each_program
def test_the_manual_has_every_option_and_no_other(program):
    heads = re.findall(r"^\.TP\n\.(?:B|BI|BR) (.+)$", section(program, "OPTIONS"), re.MULTILINE)
    described = dict(re.search(r"(--[\w.-]+)(?:= )?(.*)", head).groups() for head in heads)
    described = {name: value.replace(" ", "") for name, value in described.items()}
    assert described == every_option_of(program)


def test_the_manual_has_every_command_and_no_other():
    said = help_of("timewait").split("Subcommands:\n")[1].split("\n\n")[0]
    assert set(re.findall(r"^  (\w+) ", said, re.MULTILINE)) == COMMANDS["timewait"]
    described = re.findall(r"^\.B timewait(.*)$", section("timewait", "COMMANDS"), re.MULTILINE)
    assert {name.strip() for name in described} == {""} | COMMANDS["timewait"]


@each_program
def test_the_manual_is_well_formed(program, tmp_path):
    page = tmp_path / MANUALS[program]
    page.write_text(source_of_manual(program).replace("@PROJECT_VERSION@", "1.0"), encoding="ascii")
    result = subprocess.run(["mandoc", "-T", "lint", "-W", "style", page], capture_output=True, text=True, timeout=60,
                            check=False)
    assert (result.returncode, result.stdout) == (0, "")


def complete(program, *words):
    """What bash would offer for the last of the words, as it splits them."""
    script = f"""
      compopt() {{ :; }}
      source {PROJECT / "cmd" / program / "completion.bash"}
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
      _{program}
      printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    result = subprocess.run(["bash", "-c", script, "bash", program, *words], capture_output=True, text=True, timeout=20,
                            check=True)
    assert result.stderr == ""
    return set(result.stdout.split())


def as_completed(options):
    return {f"{name}=" if value else name for name, value in options.items()}


@each_program
def test_completion_offers_every_option_and_no_other(program):
    options = as_completed(options_of(program))
    assert complete(program, "--") == options
    assert complete(program, "") == options | COMMANDS[program]


@pytest.mark.parametrize("command", sorted(COMMANDS["timewait"]))
def test_completion_offers_what_a_command_takes(command):
    said = re.findall(r"--[\w.]*\w", help_of("timewait", command))
    offered = as_completed({name: value for name, value in every_option_of("timewait").items() if name in said})
    assert complete("timewait", command, "") == offered
    assert complete("timewait", "--config.file", "=", "app.yml", command, "--json", "") == offered


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


def test_completion_offers_files_and_no_guesses():
    assert str(PROJECT / "README.md") in complete("timewait", "--config.file", "=", str(PROJECT / "READ"))
    assert complete("timewait", "--watch", "=") == set()
