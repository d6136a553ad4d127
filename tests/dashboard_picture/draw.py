"""Draws what was recorded, in headless Chromium."""

import functools
import http.server
import json
import pathlib
import shutil
import subprocess
import tempfile
import threading

from support.browser import Browser
from support.waiting import wait_for

HERE = pathlib.Path(__file__).resolve().parent
WIDTH = 1440  # as page.jsx has it
# Whether so many panels show something below their titles.
_READY = """
    const contents = [...document.querySelectorAll('[data-content]')];
    return contents.length === arguments[0]
      && contents.every(each => each.textContent.trim() || each.querySelector('canvas'));"""


def draw(dashboard, record, folder):
    """`folder` holds node_modules, and dashboard.png in the end."""
    site = folder / "site"
    site.mkdir(exist_ok=True)
    shutil.copy(HERE / "index.html", site)
    (site / "dashboard.json").write_text(json.dumps(dashboard), encoding="utf-8")
    (site / "record.json").write_text(json.dumps(record), encoding="utf-8")
    _bundle(folder, site)
    handler = functools.partial(_Handler, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, \
            tempfile.TemporaryDirectory() as profile, Browser(profile) as browser:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser.show_as((WIDTH, 900), "dark")
        browser.open(f"http://127.0.0.1:{server.server_port}/index.html")
        panels = sum(panel["type"] != "row" for panel in dashboard["panels"])
        wait_for(lambda: browser.run(_READY, panels), timeout=60)
        browser.show_as((WIDTH, browser.run("return document.documentElement.scrollHeight")), "dark")
        browser.screenshot(folder / "dashboard.png")
        server.shutdown()


def _bundle(folder, site):
    # Icons are fetched one by one, from where Grafana's server has them.
    shutil.copytree(folder / "node_modules/@grafana/ui/dist/public", site / "public/build", dirs_exist_ok=True)
    # Where node finds the packages: beside them.
    source = folder / "source"
    shutil.copytree(HERE, source, dirs_exist_ok=True)
    subprocess.run([folder / "node_modules/.bin/esbuild", source / "page.jsx", f"--outfile={site}/page.js", "--bundle",
                    "--format=esm", "--jsx=automatic", "--minify", "--log-level=error", "--loader:.svg=dataurl",
                    "--loader:.ttf=empty", '--define:process.env.NODE_ENV="production"'], check=True)


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass
