"""usage: python3 -m lab DIRECTORY DOCUMENTS [SCENE...]      (see ./dev lab)

Plays these scenes, or all, and prints what came of each. DIRECTORY, an empty one, keeps logs and records;
DOCUMENTS gets a picture of each scene, and the figures, unless something was not as it must be; then it exits with 1.
"""

import json
import os
import pathlib
import platform
import sys

from lab import drawing, report, scenes, stage, story


def write_figures(file, played):
    """`played`: {scene: {phase: figures}}. Scenes that were not played keep those of before."""
    before = json.loads(file.read_text()) if file.exists() else {"scenes": {}}
    file.write_text(json.dumps({
        "cores": os.cpu_count(), "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "kernel": ".".join(platform.release().split(".")[:2]), "scrape_interval": scenes.EVENING.scrape_interval,
        "scenes": before["scenes"] | played}, indent=2) + "\n")


def main(directory, documents, *names):
    cast = [scenes.scene(name) for name in names] or scenes.SCENES
    records = stage.play(cast, "evening", pathlib.Path(directory).resolve())
    problems = []
    for scene in cast:
        for phase in scene.phases:
            print(report.text(records[scene.name, phase.name], scene.title))
            problems += report.problems(records[scene.name, phase.name], phase)
    if problems:
        return "\n".join(problems)
    for scene in cast:
        drawing.draw(scene, [records[scene.name, phase.name] for phase in scene.phases],
                     pathlib.Path(documents, f"{scene.name}.svg"))
    write_figures(pathlib.Path(documents, "lab.json"), {
        scene.name: {phase.name: report.figures(records[scene.name, phase.name]) for phase in scene.phases}
        for scene in cast})
    story.fill_all(pathlib.Path(documents))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("given up")
