"""clang-tidy over every source that a build tree compiles, as many at once as there are cores.

usage: tidy.py TREE

TREE has compile_commands.json and the plugin, own_declarations.so. What was clean is remembered there, in clean/, and
not looked at again until it changes: the source, a header of ours that it includes, how it is compiled, .clang-tidy, the
plugin, or clang-tidy's version. Exits with 1 if there is something to say, which goes to stdout.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)


def files_of(source, folders):
    """The source and those of its headers, and of theirs, that are included in quotation marks: ours."""
    found, to_read = set(), [source]
    while to_read:
        file = to_read.pop()
        if file in found:
            continue
        found.add(file)
        for name in INCLUDE.findall(file.read_bytes()):
            places = (folder / os.fsdecode(name) for folder in (file.parent, *folders))
            to_read += [place.resolve() for place in places if place.is_file()][:1]
    return sorted(found)


class Tidy:
    def __init__(self, tree):
        self.tree = tree
        self.plugin = tree / "own_declarations.so"
        version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
        settings = (PROJECT / ".clang-tidy", PROJECT / "tests/.clang-tidy", PROJECT / ".clang-format", self.plugin)
        self.common = version + b"".join(file.read_bytes() for file in settings)

    def sources(self):
        """{source: how it is compiled}; once, even if several programs have it."""
        entries = json.loads((self.tree / "compile_commands.json").read_text(encoding="utf-8"))
        return {Path(entry["file"]): entry["command"] for entry in entries}

    def fingerprint(self, source, command):
        folders = [Path(folder) for folder in re.findall(r"-I(\S+)", command)]
        hashed = hashlib.sha256(self.common + command.encode())
        for file in files_of(source, folders):
            hashed.update(str(file).encode() + b"\0" + file.read_bytes())
        return hashed.hexdigest()

    def look_at(self, source, command):
        """What clang-tidy has to say about it, or nothing."""
        stamp = self.tree / "clean" / (str(source).strip("/").replace("/", "+"))
        fingerprint = self.fingerprint(source, command)
        if stamp.is_file() and stamp.read_text(encoding="ascii") == fingerprint:
            return ""
        result = subprocess.run(["clang-tidy", "--quiet", f"--load={self.plugin}", "-p", self.tree, source],
                                capture_output=True, text=True, check=False)
        if result.returncode != 0:
            return result.stdout + result.stderr
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(fingerprint, encoding="ascii")
        return ""


def main():
    tidy = Tidy(Path(sys.argv[1]).resolve())
    sources = tidy.sources()
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as workers:
        said = [text for text in workers.map(tidy.look_at, sources.keys(), sources.values()) if text]
    print("".join(said), end="")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
