"""The status page as time goes by: when it asks, and what it says of figures that are not of now."""

import re
import threading
import time

import pytest

from support import made_snapshots as made
from support.status_page import facts_of, headline, open_page, plain
from support.waiting import wait_for

# What setTimeout() is asked for; what is to come in half a minute comes at once where `hasten` is set.
TIMERS = """
    const original = setTimeout;
    window.delays = [];
    window.setTimeout = (call, delay) => {
      delays.push(delay);
      return original(call, window.hasten && delay === 30000 ? 20 : delay);
    };"""


def polled(seconds_ago, **others):
    """A namespace whose last poll was so long ago."""
    made_up = made.namespace(**others)
    made_up["poll"]["last_success_at"] -= seconds_ago
    return made_up


def about_to_run_out(seconds):
    return made.namespace([made.peer("db", 20000, exhaustion=seconds)])


def is_old(browser):
    return browser.run("return document.documentElement.hasAttribute('data-old')")


@pytest.mark.parametrize("namespace, interval, seconds", [
    pytest.param(made.namespace, 0.1, 1, id="not too often"),
    pytest.param(made.namespace, 60, 5, id="nor too seldom"),
    pytest.param(lambda: polled(2.5), 5, 2.7, id="half of the interval is over"),
    pytest.param(lambda: polled(7.5), 5, 2.7, id="a poll failed"),
    pytest.param(lambda: about_to_run_out(100), 60, 1, id="told in seconds"),
    pytest.param(lambda: about_to_run_out(125), 60, 5, id="told in minutes"),
    pytest.param(lambda: about_to_run_out(0), 60, 5, id="over")])
def test_it_asks_soon_after_each_poll(browser, serve, namespace, interval, seconds):
    browser.run_before_each_page(TIMERS)
    open_page(browser, serve(made.snapshot(namespace(), interval=interval)).url)
    (delay,) = browser.run("return delays")[:1]
    assert delay == pytest.approx(1000 * seconds, abs=200)


def test_a_forecast_counts_down_while_the_exporter_does_not_poll(browser, serve):
    page = serve(made.snapshot(about_to_run_out(12.0), interval=30))
    open_page(browser, page.url)
    page.snapshot = made.snapshot(about_to_run_out(9.0), interval=30)
    wait_for(lambda: facts_of(browser, "db")["forecast"] == "Runs out in 9 s", timeout=4)


def test_it_asks_seldom_while_nobody_looks(browser, serve):
    browser.run_before_each_page(TIMERS)
    page = serve(made.snapshot(made.namespace()))
    open_page(browser, page.url)
    browser.set_hidden(True)
    assert browser.run("return delays.at(-1)") == 30000
    wait_for(lambda: browser.run("return performance.getEntriesByType('resource').every(each => each.responseEnd > 0)"))
    asked = len(page.requests)
    began = browser.run("return performance.now()")
    wait_for(lambda: browser.run("return performance.now()") > began + 2500)
    assert len(page.requests) == asked
    page.snapshot = made.snapshot(made.namespace([made.peer("db")]))
    browser.set_hidden(False)
    wait_for(lambda: browser.texts(".peer h4") == ["db"])


def test_the_title_is_kept_true_while_nobody_looks(browser, serve):
    browser.run_before_each_page(TIMERS)
    page = serve(made.snapshot(made.namespace()))
    open_page(browser, page.url)
    icon = browser.find("link[rel=icon]").get_attribute("href")
    browser.run("window.hasten = true")
    browser.set_hidden(True)
    page.snapshot = made.snapshot(made.namespace(), findings=[made.finding("critical", "It is out.")])
    wait_for(lambda: browser.driver.title == "Critical: It is out.")
    assert browser.find("link[rel=icon]").get_attribute("href") != icon
    page.snapshot = 503
    wait_for(lambda: browser.driver.title.startswith("No new figures: "))


def test_who_comes_back_sees_at_once_that_the_figures_are_old(browser, serve):
    fresh = made.snapshot(made.namespace())
    page = serve(fresh)
    open_page(browser, page.url)
    browser.set_hidden(True)
    page.snapshot = asleep = threading.Event()
    browser.run("const now = Date.now; Date.now = () => now() + 3600e3;")  # the computer slept
    browser.set_hidden(False)
    assert is_old(browser) and headline(browser).startswith("Newer figures are on their way. What follows is old, from")
    assert plain(browser.text("#freshness")) == "Figures 60 min old, no newer ones"
    page.snapshot = fresh
    asleep.set()
    wait_for(lambda: not is_old(browser))


def test_a_page_that_the_browser_stops_says_so(browser, serve):
    page = serve(made.snapshot(made.namespace()))
    open_page(browser, page.url)
    browser.set_hidden(True)
    browser.run("document.dispatchEvent(new Event('freeze'))")
    assert browser.driver.title.startswith("No new figures: The browser has stopped this page.")
    browser.run("document.dispatchEvent(new Event('resume'))")
    wait_for(lambda: browser.driver.title.startswith("Fine: "))


def test_figures_look_old_while_polls_fail(browser, serve):
    stale = polled(40, peers=[made.peer("db", 20000)])
    stale["poll"] |= {"successful": False, "errors": {"overrun": 3}}
    page = serve(made.snapshot(stale, made.namespace([made.peer("web")], name="app")))
    open_page(browser, page.url)
    look = """return [...document.querySelectorAll('.namespace')].map(each => [
                getComputedStyle(each.querySelector('[data-part=body]')).filter,
                getComputedStyle(each.querySelector('.peer')).borderTopStyle])"""
    assert browser.run(look) == [["grayscale(1)", "dashed"], ["none", "solid"]]
    assert re.fullmatch(r"Figures 4\d s old, the last poll failed", plain(browser.text("#freshness")))
    assert browser.run("return getComputedStyle(document.getElementById('freshness')).fontWeight") == "700"
    page.snapshot = made.snapshot(made.namespace([made.peer("db", 20000)]))
    wait_for(lambda: browser.run(look) == [["none", "solid"]])
    assert plain(browser.text("#freshness")).endswith("polled every 1 s")


def drawn_at(browser, selector):
    """Where on the time axis the curve of a graph is drawn: minutes ago, a number for each column of pixels."""
    return browser.run("""
        const canvas = document.querySelector(`${arguments[0]} canvas`);
        const {width, height} = canvas;
        const {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
        const [left, right] = [46, width - 26];  // what the plot leaves to the axis and the word "now"
        const used = [0x2f, 0x64, 0x78, 0xff];
        const isCurve = at => used.every((part, i) => Math.abs(data[at + i] - part) < 24);
        const columns = [...Array(width).keys()].filter(
          x => [...Array(height).keys()].some(y => isCurve(4 * (y * width + x))));
        return columns.map(x => 10 * (right - x) / (right - left));""", selector)


@pytest.mark.parametrize("interval", [1, 30])
def test_a_graph_draws_no_line_where_polls_failed(browser, serve, interval):
    peers = [made.peer("db", 14116)]
    spacing = max(5, interval)
    now = time.time()
    history = made.history(peers, points=1)
    # Ten minutes, but for a hole in the middle and nothing for the last two minutes, and one point amid the hole.
    history["at"] = [now - ago for ago in range(600, 119, -spacing) if not 240 < ago < 420 or ago == 330]
    points = len(history["at"])
    history["time_wait_sockets"] = [100] * points
    history["peers"][0] |= {"effective_headroom_ratio": [0.5] * points, "arrivals_per_second": [30.0] * points}
    open_page(browser, serve(made.snapshot(made.namespace(peers, history=history), interval=interval)).url)
    wait_for(lambda: browser.texts(".peer .arrivals canvas"))
    drawn = drawn_at(browser, ".peer .arrivals")
    for middle in (9, 8, 3.5, 2.5):
        assert any(abs(minute - middle) < 0.1 for minute in drawn), middle
    assert [minute for minute in drawn if 5.8 < minute < 6.8 or 4.2 < minute < 5.2 or minute < 1.8] == []
    assert any(5.3 < minute < 5.7 for minute in drawn), "the point without neighbours is drawn, too"
