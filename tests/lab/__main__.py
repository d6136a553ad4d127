"""usage: python3 -m lab DIRECTORY DOCUMENTS [SCENE...]      (see ./dev lab)

Plays these scenes, or all, and prints what came of each. DIRECTORY, an empty one, keeps logs and records;
DOCUMENTS gets a picture of each scene, and the figures, in its texts too. Exits with 1 if something was not as it must be.
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
    figures = {
        "cores": os.cpu_count(), "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "kernel": ".".join(platform.release().split(".")[:2]), "scrape_interval": scenes.EVENING.scrape_interval,
        "scenes": before["scenes"] | played}
    file.write_text(json.dumps(figures, indent=2) + "\n")
    return figures


def main(directory, documents, *names):
    directory, documents = pathlib.Path(directory).resolve(), pathlib.Path(documents)
    documents.mkdir(exist_ok=True)
    cast = [scenes.scene(name) for name in names] or scenes.SCENES
    records = stage.play(cast, "evening", directory)
    problems = []
    for scene in cast:
        played = [records[scene.name, phase.name] for phase in scene.phases]
        for record, phase in zip(played, scene.phases):
            print(report.text(record, scene.title))
            problems += report.problems(record, phase)
        drawing.draw(scene, played, documents / f"{scene.name}.svg")
    figures = write_figures(documents / "lab.json", {
        scene.name: {phase.name: report.figures(records[scene.name, phase.name]) for phase in scene.phases} for scene in cast})
    if not problems:
        story.fill_all(documents, figures)
    return "\n".join(problems) or None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
