"""Headless Chromium, driven by Selenium; and axe, which looks for what keeps people from using a page."""

import json
import os
import pathlib

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

DESKTOP, PHONE = (1280, 900), (320, 720)
_AXE = pathlib.Path(__file__).resolve().parents[1] / "third_party/axe-core/axe.min.js"

# Chromium is not to ask its maker for anything, and root has no sandbox.
_FLAGS = ["--headless=new", "--no-sandbox", "--disable-background-networking", "--disable-component-update",
          "--disable-sync", "--disable-quic", "--no-first-run", "--disable-default-apps", "--disable-extensions",
          "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
          "--disable-features=OptimizationHints,MediaRouter,Translate"]


class Browser:
    """A context manager. `directory` holds the profile."""

    def __init__(self, directory):
        self._scripts = []
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for flag in [*_FLAGS, f"--user-data-dir={directory}/chromium", "about:blank"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = Service("/usr/bin/chromedriver", env={**os.environ, "HOME": str(directory)})
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_page_load_timeout(30)
        self.driver.set_script_timeout(60)
        self.begin_anew()

    def begin_anew(self):
        """An empty page, as large as a desktop's, and nothing said or asked for yet."""
        self.show_as(DESKTOP)
        self.open("about:blank")
        for script in self._scripts:
            self._command("Page.removeScriptToEvaluateOnNewDocument", identifier=script)
        self._scripts.clear()
        self.console(), self.requested()

    def show_as(self, size, scheme="light", media="", forced_colors="none"):
        """Sets the size of the viewport, also below what a window may have, light or dark, and "print" or a screen."""
        width, height = size
        self._command("Emulation.setDeviceMetricsOverride",
                      width=width, height=height, deviceScaleFactor=1, mobile=False)
        self._command("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": scheme}, {"name": "forced-colors", "value": forced_colors}])

    def open(self, url):
        self.driver.get(url)

    def run(self, script, *arguments):
        """The value that the script returns."""
        return self.driver.execute_script(script, *arguments)

    def text(self, selector):
        """What stands in the first element, seen or not; None without one."""
        return self.run("return document.querySelector(arguments[0])?.textContent ?? null", selector)

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def run_before_each_page(self, script):
        added = self._command("Page.addScriptToEvaluateOnNewDocument", source=script)
        self._scripts.append(added["identifier"])

    def press_tab(self):
        self.driver.switch_to.active_element.send_keys(Keys.TAB)

    def press_enter(self):
        self.driver.switch_to.active_element.send_keys(Keys.ENTER)

    def console(self):
        """What was said on the console since the last call, violations of the policy too."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requested(self):
        """The addresses that pages asked for since the last call."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [each["params"]["request"]["url"] for each in messages
                if each["method"] == "Network.requestWillBeSent"]

    def set_hidden(self, hidden):
        """As if another tab were in front, or no more."""
        self.run("""
            Object.defineProperty(document, 'hidden', {configurable: true, get: () => arguments[0]});
            document.dispatchEvent(new Event('visibilitychange'));""".replace("arguments[0]", json.dumps(hidden)))

    def axe_violations(self):
        """[(impact, rule, elements)]. axe runs beside the page, whose policy stays in force."""
        self.run(_AXE.read_text(encoding="utf-8"))
        result = self.driver.execute_async_script("""
            const done = arguments[arguments.length - 1];
            axe.run(document, {resultTypes: ['violations']}).then(
                found => done(found.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html + n.failureSummary)])),
                error => done([['critical', 'axe failed', [String(error)]]]));""")
        return [tuple(each) for each in result]

    def screenshot(self, file):
        self.driver.save_screenshot(str(file))

    def print(self):
        """As if onto paper, which nobody sees."""
        self._command("Page.printToPDF")

    def _command(self, name, **parameters):
        return self.driver.execute_cdp_cmd(name, parameters)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()
