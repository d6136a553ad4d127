"""usage: python3 -m lab DIRECTORY DOCUMENTS [SCENE...]      (see ./dev lab)

Plays these scenes, or all, and prints what came of each. DIRECTORY, an empty one, keeps logs and records. DOCUMENTS
gets a picture of each scene and the figures, lab.json, also in the tables of its README*.md; unless something was not
as it must be: then it exits with 1.
"""

import json
import pathlib
import sys

from lab import drawing, report, runner, scenes, story


def write_figures(file, played):
    """`played`: {scene: {phase: figures}}. Scenes that were not played keep those of before."""
    before = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps(before | played, indent=2) + "\n")


def main(directory, documents, *names):
    chosen = [scenes.scene(name) for name in names] or scenes.SCENES
    records = runner.run(chosen, "full", pathlib.Path(directory).resolve())
    problems = []
    for scene in chosen:
        for phase in scene.phases:
            print(report.text(records[scene.name, phase.name], scene.title))
            problems += report.problems(records[scene.name, phase.name], phase)
    if problems:
        return "\n".join(problems)
    for scene in chosen:
        drawing.draw(scene, [records[scene.name, phase.name] for phase in scene.phases],
                     pathlib.Path(documents, f"{scene.name}.svg"))
    write_figures(pathlib.Path(documents, "lab.json"), {
        scene.name: {phase.name: report.figures(records[scene.name, phase.name]) for phase in scene.phases}
        for scene in chosen})
    story.fill_all(pathlib.Path(documents))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("given up")
