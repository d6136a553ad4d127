"""What the tests of the status page look at."""

import re

from support.waiting import wait_for


def open_page(browser, address):
    """Waits for the first figures, too."""
    browser.open(address)
    wait_for(lambda: browser.run("return document.getElementById('verdict').dataset.level") != "none")


def headline(browser):
    return plain(browser.text("#headline"))


def plain(text):
    return text.replace("\u00a0", " ")


def facts_of(browser, peer):
    """What stands in a peer's row: {term: text}."""
    rows = browser.run("""
        return [...document.querySelectorAll('.peer')].map(row => ({
          name: row.querySelector('h4').textContent,
          left: row.querySelector('.headline strong').textContent,
          forecast: row.querySelector('.forecast').textContent,
          bar: row.querySelector('[role=meter]').getAttribute('aria-valuetext'),
          now: row.querySelector('[role=meter]').getAttribute('aria-valuenow'),
          ...Object.fromEntries([...row.querySelectorAll('dl div')].map(
            div => [div.querySelector('dt').textContent, div.querySelector('dd').textContent]))}));""")
    (row,) = [each for each in rows if each["name"] == peer]
    return {key: plain(value) for key, value in row.items()}


def table(browser, caption):
    """The rows of the table whose caption begins so: lists of texts."""
    rows = browser.run("""
        const found = [...document.querySelectorAll('table')].find(
          table => table.caption.textContent.startsWith(arguments[0]));
        return [...found.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.innerText.trim()));""", caption)
    return [[plain(re.sub(r"\s+", " ", cell)) for cell in row] for row in rows]
