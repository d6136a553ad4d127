"""Compares the includes of a source tree with the table of rooms in its ARCHITECTURE.md.

A room is a folder of src/, or one of cmd/ by that name: "cmd/timewait_exporter". The table stands under the heading
"## Rooms": room | what it holds | rooms it may include | library headers that only it may include (by prefix).
"""

import re
from dataclasses import dataclass
from pathlib import Path

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)

# Headers that every room may include without an entry: C++'s own have neither a suffix nor a folder; these are libc's.
LIBC_FOLDERS = ("arpa/", "net/", "netinet/", "sys/")
LIBC_HEADERS = {
    "dirent.h", "endian.h", "errno.h", "fcntl.h", "ifaddrs.h", "langinfo.h", "malloc.h", "netdb.h", "poll.h",
    "pthread.h", "sched.h", "signal.h", "stdlib.h", "string.h", "strings.h", "termios.h", "time.h", "unistd.h",
}


@dataclass(frozen=True)
class Room:
    may_include: frozenset[str]
    third_party_headers: frozenset[str]


@dataclass(frozen=True)
class Include:
    file: str  # from the top of the tree
    room: str
    quoted: bool
    header: str


def rooms_of_table(text):
    """The rows of the table, as {name: Room}."""
    section = re.search(r"^## Rooms$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if not section:
        raise ValueError('ARCHITECTURE.md has no heading "## Rooms"')
    lines = [line.strip() for line in section[1].splitlines() if line.strip().startswith("|")]
    rooms = {}
    for line in lines[2:]:  # after the head and the rule below it
        cells = [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
        if len(cells) != 4:
            raise ValueError(f"not four columns: {line}")
        name, _, may_include, third_party_headers = cells
        if name in rooms:
            raise ValueError(f"two rows for {name}")
        rooms[name] = Room(_names(may_include), _names(third_party_headers))
    return rooms


def _names(cell):
    return frozenset(name.strip() for name in cell.split(",") if name.strip() not in ("", "-", "–", "—"))


def room_folders(tree):
    """The rooms that are there, as {name: folder}."""
    folders = {folder.name: folder for folder in (tree / "src").iterdir() if folder.is_dir()}
    if (tree / "cmd").is_dir():
        folders |= {f"cmd/{folder.name}": folder for folder in (tree / "cmd").iterdir() if folder.is_dir()}
    return folders


def includes_of(tree):
    for room, folder in sorted(room_folders(tree).items()):
        for file in sorted(folder.rglob("*")):
            if file.suffix not in (".h", ".cpp", ".in"):
                continue
            for bracket, header in INCLUDE.findall(file.read_text(encoding="utf-8")):
                yield Include(str(file.relative_to(tree)), room, bracket == '"', header)


def problems_of(tree):
    """Every way in which the tree and its table disagree, one sentence each."""
    tree = Path(tree)
    rooms = rooms_of_table((tree / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    folders = room_folders(tree)
    includes = list(includes_of(tree))
    edges = {(i.room, i.header.split("/")[0]) for i in includes if i.quoted and "/" in i.header}
    edges = {(room, other) for room, other in edges if room != other}

    problems = [f"{name} is a folder, and not in the table" for name in folders.keys() - rooms.keys()]
    problems += [f"{name} is in the table, and not a folder" for name in rooms.keys() - folders.keys()]
    problems += [problem for include in includes for problem in _problems_of_include(tree, rooms, include)]
    problems += _stale_entries(rooms, edges, includes)
    allowed = {(name, other) for name, room in rooms.items() for other in room.may_include}
    cycle = find_cycle(edges | allowed)
    if cycle:
        problems.append("the rooms include each other in a circle: " + " -> ".join(cycle))
    return sorted(problems)


def _problems_of_include(tree, rooms, include):
    own = rooms.get(include.room, Room(frozenset(), frozenset()))
    if include.quoted:
        room = include.header.split("/")[0]
        if not (tree / "src" / include.header).is_file():
            yield f'{include.file} includes "{include.header}", which is not a file of src/'
        elif room != include.room and room not in own.may_include:
            yield f'{include.file} includes "{include.header}", and {include.room} may not include {room}'
        return
    owners = {name for name, room in rooms.items() if include.header.startswith(tuple(room.third_party_headers))}
    if owners and include.room not in owners:
        yield f"{include.file} includes <{include.header}>, which only {', '.join(sorted(owners))} may"
    elif not owners and not _is_standard(include.header):
        yield f"{include.file} includes <{include.header}>, which is in no row of the table"


def _is_standard(header):
    return re.fullmatch(r"[a-z_0-9]+", header) or header in LIBC_HEADERS or header.startswith(LIBC_FOLDERS)


def _stale_entries(rooms, edges, includes):
    for name, room in rooms.items():
        for other in room.may_include:
            if (name, other) not in edges:
                yield f"the table lets {name} include {other}, and no file does"
        for prefix in room.third_party_headers:
            if not any(i.room == name and not i.quoted and i.header.startswith(prefix) for i in includes):
                yield f"the table gives {name} the library header {prefix}, and no file includes it"


def find_cycle(edges):
    """The rooms along one circle, the first again at the end; or None."""

    def walk(path):
        for source, target in sorted(edges):
            if source != path[-1]:
                continue
            if target in path:
                return path[path.index(target):] + [target]
            found = walk(path + [target])
            if found:
                return found
        return None

    for start in sorted({source for source, _ in edges}):
        found = walk([start])
        if found:
            return found
    return None
