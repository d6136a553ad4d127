#!/usr/bin/python3
"""Takes the pictures of the status page in src/page/, of a real exporter under real load, in ten minutes:

    TIMEWAIT_EXPORTER=build/release/timewait_exporter tests/page_screenshots.py src/page
"""

import math
import pathlib
import sys
import tempfile
import time
from concurrent import futures

from support.browser import Browser
from support.load import Clients, burst, play
from support.shop import EXTERNAL_API, KAFKA, ORDERS_DB, everyday, shop
from support.waiting import wait_for

SECONDS = 605
FONTS = """<?xml version="1.0"?>
<fontconfig><alias><family>sans-serif</family><prefer><family>Inter</family></prefer></alias></fontconfig>
"""  # what a desktop has set, and a server has not
LIGHT, DARK, PHONE = ((1200, 1190), "light"), ((1200, 1190), "dark"), ((390, 844), "light")


def leak(now):
    """Faster and faster."""
    return 30 * (now / SECONDS) ** 2


def take_pictures(daemon, directory, profile):
    time.sleep(SECONDS)
    fonts = pathlib.Path(profile, ".config/fontconfig/fonts.conf")
    fonts.parent.mkdir(parents=True)
    fonts.write_text(FONTS, encoding="utf-8")
    with Browser(profile) as browser:
        for name, (size, scheme) in {"light": LIGHT, "dark": DARK, "phone": PHONE}.items():
            browser.show_as(size, scheme)
            browser.open(f"http://{daemon.host}:{daemon.port}/")
            wait_for(lambda: len(browser.texts(".peer canvas")) >= 2)
            browser.screenshot(directory / f"{name}.png")


def main(directory):
    with tempfile.TemporaryDirectory() as scratch, shop(scratch) as (daemon, server):
        pictures = futures.ThreadPoolExecutor().submit(take_pictures, daemon, pathlib.Path(directory), scratch)
        play([Clients(ORDERS_DB, leak, held=math.inf), Clients(ORDERS_DB, lambda now: 6),
              Clients(EXTERNAL_API, lambda now: 70 + 50 * math.sin(now / 40)),
              Clients(KAFKA, burst(12), held=math.inf), *everyday()], server, lambda now: not pictures.done())
        pictures.result()


if __name__ == "__main__":
    main(sys.argv[1])
