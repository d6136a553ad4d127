"""The report of a soak, in Markdown."""

import os
import pathlib
import platform
import re
import time

from soak.criteria import MEMORY


def _machine():
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text(encoding="ascii"))
    return f"{os.cpu_count()} cores, {int(memory[1]) / 2**20:.0f} GiB, Linux {platform.release()}"


def text(record, criteria, command):
    failed = [criterion for criterion in criteria if not criterion.holds]
    lines = ["# Soak", "",
             f"`{command}`, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC, {_machine()}: "
             f"{record['load_seconds'] / 60:.1f} minutes under load, "
             f"{record['connections']:,} connections of the host, {len(record['faults'])} faults.", "",
             f"**{'All criteria hold.' if not failed else f'{len(failed)} criteria do not hold.'}**", "",
             "| | criterion | figures |", "|---|---|---|"]
    lines += [f"| {'ok' if criterion.holds else '**FAILED**'} | {criterion.name} | {_cell(criterion.figures)} |"
              for criterion in criteria]
    lines += ["", f"| exporter | when | {MEMORY}, KiB | Rss, KiB | Pss, KiB | descriptors | threads | CPU, s |",
              "|---|---|---|---|---|---|---|---|"]
    for name, of_one in record["exporters"].items():
        lines += [_usage_row(name, "at the start", of_one["fresh"]),
                  _usage_row(name, "at rest after the warm-up", of_one["rested"]),
                  _usage_row(name, "most, under load", _most(of_one["samples"])),
                  _usage_row(name, "at rest at the end", of_one["end"])]
    lines += ["", "| fault | times | longest, s |", "|---|---|---|"]
    lines += [f"| {kind} | {len(lengths)} | {max(lengths):.1f} |" for kind, lengths in sorted(_lengths(record).items())]
    lines += ["", "| client | requests | asked again | slowest, s | failed |", "|---|---|---|---|---|"]
    for of_one in record["exporters"].values():
        lines += [f"| {client['client']} | {client['asked']:,} | {client['asked_again']} | {client['slowest']:.2f} "
                  f"| {len(client['failures'])} |" for client in of_one["clients"]]
    return "\n".join(lines) + "\n"


def _cell(words):
    return words.replace("|", "\\|").replace("\n", " ")


def _most(samples):
    return {what: max(sample[what] for sample in samples) for what in samples[0]}


def _usage_row(name, when, usage):
    return (f"| {name} | {when} | {usage[MEMORY]:,} | {usage['Rss']:,} | {usage['Pss']:,} | {usage['descriptors']} "
            f"| {usage['threads']} | {usage['cpu']:.0f} |")


def _lengths(record):
    lengths = {}
    for fault in record["faults"]:
        lengths.setdefault(fault["fault"], []).append(fault["end"] - fault["begin"])
    return lengths
