"""Draws a dashboard with Grafana's own components, on nine minutes of a real host's figures:

    python3 -m dashboard_picture [--redraw] FOLDER

FOLDER holds what npm installed. What was recorded stays in it too: --redraw draws that again.
"""

import json
import pathlib
import sys
import tempfile

from dashboard_picture.draw import draw
from dashboard_picture.record import recorded
from support import grafana


def main(arguments):
    folder = pathlib.Path(arguments[-1]).resolve()
    dashboard, record = grafana.read(grafana.HOSTS), folder / "record.json"
    if "--redraw" not in arguments:
        with tempfile.TemporaryDirectory() as scratch:
            record.write_text(json.dumps(recorded(scratch, dashboard)), encoding="utf-8")
    draw(dashboard, json.loads(record.read_text(encoding="utf-8")), folder)


main(sys.argv[1:])
