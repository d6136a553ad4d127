"""What the exporters take, all the time: memory, descriptors, threads, CPU, and how long they wait for a core."""

import json
import pathlib
import re
import threading
import time

from soak.site import threads
from support.cpu_clock import cpu_ns

DELAY_SECONDS = 0.25  # between two looks at what the cores did
_LOOKS_PER_SAMPLE = 8


def memory_kib(pid):
    """{field: KiB} of /proc/PID/smaps_rollup."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return {field: int(re.search(rf"^{field}:\s*(\d+) kB", text, re.MULTILINE)[1])
            for field in ("Rss", "Pss", "Private_Dirty")}


def take(pid):
    """What the process has at this moment."""
    return memory_kib(pid) | {"at": time.time(), "threads": len(threads(pid)), "cpu": cpu_ns(pid) / 1e9,
                              "descriptors": len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))}


def _waited_for_a_core(pid, thread):
    """Seconds since the thread began (the second figure of schedstat)."""
    return int(pathlib.Path(f"/proc/{pid}/task/{thread}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9


def _stolen():
    """Seconds that the hypervisor gave to others while a core of this machine had work; of all cores together."""
    first = pathlib.Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()
    return int(first[8]) / 100


class Usage:
    """Looks on from a thread; a context manager. Samples are kept by name of the exporter, and in files."""

    def __init__(self, all_soaked, directory):
        self._all_soaked, self._directory = all_soaked, directory
        self.samples = {soaked.name: [] for soaked in all_soaked}
        self.delays = {soaked.name: [] for soaked in all_soaked}  # {"begin", "end", "seconds"}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        looks, before = 0, self._look()
        while not self._ended.wait(DELAY_SECONDS):
            now = self._look()
            for name, (at, waited) in now.items():
                self.delays[name].append({"begin": before[name][0], "end": at, "seconds": waited - before[name][1]})
            before, looks = now, looks + 1
            if looks % _LOOKS_PER_SAMPLE == 0:
                for soaked in self._all_soaked:
                    self.samples[soaked.name].append(take(soaked.pid))

    def _look(self):
        return {soaked.name: (time.time(), _waited_for_a_core(soaked.pid, soaked.polling_thread) + _stolen())
                for soaked in self._all_soaked}

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
        for kind, records in (("usage", self.samples), ("delays", self.delays)):
            for name, each in records.items():
                pathlib.Path(self._directory, f"{name}-{kind}.jsonl").write_text(
                    "".join(json.dumps(record) + "\n" for record in each), encoding="utf-8")
