"""Runs fuzzers one after the other and says in a table what they did: run.py SECONDS TARGET...

New inputs and finds go to build/fuzz-corpus/; what is checked in is only read. TARGET.options here has libFuzzer's flags
for one target. Each runs in a network namespace without any network, for the requests that the HTTP fuzzer sends itself.
"""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
BUILD = HERE.parent.parent / "build"
COLUMNS = ("target", "seconds", "executions", "edges reached", "of", "inputs kept", "result")
ALONE = ("unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")


def flags(target: str) -> list[str]:
    options = HERE / f"{target}.options"
    return options.read_text().split() if options.exists() else []


def run(target: str, seconds: str) -> tuple[str, int]:
    """What libFuzzer said, and its exit code."""
    grown = BUILD / "fuzz-corpus" / target
    grown.mkdir(parents=True, exist_ok=True)
    command = [BUILD / "fuzz" / f"{target}_fuzzer", f"-max_total_time={seconds}", f"-artifact_prefix={grown}-",
               "-print_final_stats=1", *flags(target), grown, HERE / "corpus" / target]
    log = grown.with_suffix(".log")
    with log.open("w") as stderr:
        code = subprocess.run([*ALONE, *command], stdin=subprocess.DEVNULL, stderr=stderr, check=False).returncode
    return log.read_text(errors="replace"), code


def last(pattern: str, said: str) -> str:
    return (re.findall(pattern, said) or ["?"])[-1]


def row(target: str, said: str, code: int) -> tuple[str, ...]:
    result = "nothing found" if code == 0 else f"exit {code}: see build/fuzz-corpus/{target}.log"
    return (target, last(r"Done \d+ runs in (\d+) second", said), last(r"number_of_executed_units: (\d+)", said),
            last(r"cov: (\d+)", said), last(r"\((\d+) inline 8-bit counters\)", said), last(r"corp: (\d+)", said), result)


def print_row(cells: tuple[str, ...]) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def main(seconds: str, targets: list[str]) -> int:
    print_row(COLUMNS)
    print_row(("---",) * len(COLUMNS))
    failed = False
    for target in targets:
        said, code = run(target, seconds)
        print_row(row(target, said, code))
        failed |= code != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
