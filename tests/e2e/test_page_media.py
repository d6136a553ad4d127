"""The status page on what it may be shown on: narrow and wide, on paper, in few colours."""

import pytest

from support import made_snapshots as made
from support.browser import DESKTOP
from support.status_page import open_page
from support.waiting import wait_for


def some_peers(count=2):
    return made.snapshot(made.namespace([made.peer(f"peer{i}", 14000, reusable=9000) for i in range(count)]))


@pytest.mark.parametrize("width", [320, 480, 600, 780, 990, 1000, 1280])
@pytest.mark.parametrize("media", ["screen", "print"])
def test_there_is_room_for_the_bars(browser, serve, media, width):
    browser.show_as((width, 900), media=media)
    open_page(browser, serve(some_peers()).url)
    widths = browser.run("return [...document.querySelectorAll('.peer .bar')].map(each => each.clientWidth)")
    assert len(widths) == 2 and min(widths) > 0.3 * width
    assert browser.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_told_by_a_colour_that_the_reader_has_replaced(browser, serve, scheme):
    browser.show_as(DESKTOP, scheme, forced_colors="active")
    open_page(browser, serve(some_peers()).url)
    ground = """return arguments[0].map(selector => {
                  const {backgroundColor, backgroundImage} = getComputedStyle(document.querySelector(selector));
                  return backgroundColor + ' ' + backgroundImage;
                })"""
    for kind in (".swatch.used", ".swatch.reusable", ".swatch.free"), (".bar .used", ".bar .reusable", ".bar"):
        assert len(set(browser.run(ground, kind))) == 3
    legend, bar = [".swatch.used", ".swatch.reusable"], [".bar .used", ".bar .reusable"]
    assert browser.run(ground, legend) == browser.run(ground, bar)
    # A mark is to be seen on what is taken, by its edges, and on what is free.
    mark, edge, taken, free = browser.run("""
        const color = (selector, what) => getComputedStyle(document.querySelector(selector))[what];
        return [color('.bar i', 'backgroundColor'), color('.bar i', 'borderLeftColor'),
                color('.bar .used', 'backgroundColor'), color('.bar', 'backgroundColor')];""")
    assert mark != free and edge != taken and mark != edge


def test_all_graphs_are_printed(browser, serve):
    open_page(browser, serve(some_peers(40)).url)
    wait_for(lambda: browser.texts(".peer canvas"))
    count = "document.querySelectorAll('.peer canvas').length"
    before = browser.run(f"return {count}")
    assert before < 80
    browser.run(f"addEventListener('beforeprint', () => {{ window.printed = {count}; }})")
    browser.print()
    assert browser.run("return window.printed") == 80
    assert browser.run(f"return {count}") == before
