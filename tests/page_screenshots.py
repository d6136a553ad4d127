#!/usr/bin/python3
"""Takes the pictures of the status page in src/page/, of a real exporter under real load, in ten minutes:

    TIMEWAIT_EXPORTER=build/release/timewait_exporter tests/page_screenshots.py src/page

The load comes from this process; what it connects to is in a second network namespace, at the other end of a cable.
"""

import math
import pathlib
import subprocess
import sys
import tempfile
import time
from concurrent import futures

from support import netns
from support.browser import Browser
from support.exporter import Daemon
from support.load import Clients, Echoless, allow_many_files, burst, lay_cable, play
from support.waiting import wait_for

HOST = "10.0.0.5"
REMOTE = ORDERS_DB, EXTERNAL_API, REDIS, KAFKA = (("10.0.0.9", 5432), ("10.0.0.10", 443), ("10.0.0.11", 6379),
                                         ("10.0.0.12", 9092))
NGINX, TOMCAT = (HOST, 80), ("127.0.0.1", 8080)
SECONDS = 605
CONFIG = """
peers:
  - {name: orders-db, match: [{address: 10.0.0.9, port: 5432}]}
  - {name: external-api, match: [{address: 10.0.0.10, port: 443}]}
  - {name: tomcat, match: [{address: 127.0.0.1, port: 8080}]}
  - {name: redis-sessions, match: [{address: 10.0.0.11, port: 6379}]}
listeners:
  - {name: nginx, match: [{port: 80}]}
  - {name: tomcat, match: [{port: 8080}]}
"""
FONTS = """<?xml version="1.0"?>
<fontconfig><alias><family>sans-serif</family><prefer><family>Inter</family></prefer></alias></fontconfig>
"""  # what a desktop has set, and a server has not
LIGHT, DARK, PHONE = ((1200, 1190), "light"), ((1200, 1190), "dark"), ((390, 844), "light")


def leak(now):
    """Faster and faster."""
    return 30 * (now / SECONDS) ** 2


def remote():
    """The other end of the cable: services, and the clients of nginx."""
    sys.stdin.readline()  # until the cable is there
    server = Echoless(REMOTE)
    print("ready", flush=True)
    play([Clients(NGINX, lambda now: 25 + 15 * math.sin(now / 90), held=2)], server, lambda now: True)


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
    netns.become_root_of_own_namespace()
    netns.enter_fresh()
    allow_many_files()
    netns.sysctl("ipv4.ip_local_port_range", "32768 44767")  # few, so that little load fills them
    with tempfile.TemporaryDirectory() as scratch, subprocess.Popen(
            [sys.executable, "-B", __file__, "--remote"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=netns.enter_fresh) as other:
        try:
            lay_cable(other, HOST, [address for address, _ in REMOTE])
            pathlib.Path(scratch, "config.yml").write_text(CONFIG)
            with Daemon(f"--config.file={scratch}/config.yml", listen=f"{HOST}:10048") as daemon:
                server = Echoless([NGINX, TOMCAT])
                other.stdin.write("\n")
                other.stdin.flush()
                assert other.stdout.readline() == "ready\n"
                pictures = futures.ThreadPoolExecutor().submit(take_pictures, daemon, pathlib.Path(directory), scratch)
                play([Clients(ORDERS_DB, leak, held=math.inf), Clients(ORDERS_DB, lambda now: 6),
                      Clients(EXTERNAL_API, lambda now: 70 + 50 * math.sin(now / 40)),
                      Clients(TOMCAT, lambda now: 105), Clients(KAFKA, burst(12), held=math.inf),
                      Clients(REDIS, burst(64), held=math.inf)], server, lambda now: not pictures.done())
                pictures.result()
        finally:
            other.kill()


if __name__ == "__main__":
    if sys.argv[1:] == ["--remote"]:
        remote()
    else:
        main(sys.argv[1])
