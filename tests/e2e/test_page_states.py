"""The status page in a real browser, on snapshots that are made up: what real sockets would take long to show."""

import json
import pathlib
import re

import jsonschema
import pytest

from support import made_snapshots as made
from support import netns
from support.browser import DESKTOP, PHONE, Browser
from support.exporter import Daemon
from support.page_server import PageServer
from support.status_page import facts_of, headline, open_page, plain
from support.waiting import wait_for

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "src/exposition/snapshot.schema.json"
HOSTILE = "<img src=x onerror=\"document.title='taken over'\">&amp;'\"</li>"


@pytest.fixture(scope="module")
def shared_browser(root_rights, tmp_path_factory):
    """One for all tests here, in a network namespace of their own."""
    netns.enter_fresh()
    with Browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="module")
def document(shared_browser):
    """What a real exporter answers at /."""
    with Daemon() as daemon:
        return daemon.get("/")


@pytest.fixture
def browser(shared_browser):
    shared_browser.begin_anew()
    return shared_browser


@pytest.fixture
def serve(document):
    """serve(snapshot): the page of an exporter that says that; a PageServer."""
    running = []

    def start(snapshot):
        running.append(PageServer(document, snapshot).__enter__())
        return running[-1]

    yield start
    for each in running:
        each.__exit__()


@pytest.mark.parametrize("findings, level, sentence, others", [
    ([], "fine", "Nothing is wrong: 2 peers, the tightest has 29 % of its ports left.", []),
    ([("info", "Some are folded.")], "fine",
     "Nothing is urgent: 2 peers, the tightest has 29 % of its ports left.", ["Note Some are folded."]),
    ([("critical", "It is out."), ("warning", "It is hot."), ("info", "It rains.")], "critical", "It is out.",
     ["Warning It is hot.", "Note It rains."]),
    ([("warning", "It is hot."), *[("info", f"Note {i}.") for i in range(8)]], "warning", "It is hot.",
     [f"Note Note {i}." for i in range(8)])])
def test_verdict(browser, serve, findings, level, sentence, others):
    page = serve(made.snapshot(made.namespace([made.peer("db", 20000), made.peer("idle")]),
                               findings=[made.finding(*each) for each in findings]))
    open_page(browser, page.url)
    assert browser.run("return document.getElementById('verdict').dataset.level") == level
    assert headline(browser) == sentence
    assert plain(browser.driver.title).endswith(sentence)
    assert browser.find("link[rel=icon]").get_attribute("href").startswith("data:image/svg+xml,%3Csvg")
    assert [re.sub(r"\s+", " ", each).strip() for each in browser.texts("#verdict li")] == others


def test_a_peer_in_words(browser, serve):
    peers = [made.peer("calm", 40, arrivals=0.04), made.peer("tight", 26400, exhaustion=725.0, arrivals=498.2, pools=4),
             made.peer("reused", 14000, reusable=13000, arrivals=233.1),
             made.peer("unknown", 0, arrivals=None, sustainable_per_second=None)]
    page = serve(made.snapshot(made.namespace(peers), findings=[
        made.finding("warning", "Toward tight, the ports run out.", "tight", kind="exhaustion")]))
    open_page(browser, page.url)
    assert browser.texts(".peer h4") == ["tight", "reused", "calm", "unknown"]
    tight = facts_of(browser, "tight")
    assert tight["left"] == "6.4 % left" and tight["forecast"] == "Runs out in 12 min" and tight["now"] == "94"
    assert tight["Arriving"] == "498/s of 471/s sustainable: more than can be kept up"
    assert tight["Tightest pool"] == "10.0.0.5 → 10.0.0.9:443, one of 4"
    reused = facts_of(browser, "reused")
    assert reused["Free"] == "27,232, of which 13,000 by reuse; strictly 50 % left"
    assert reused["bar"] == "96 % left: 14,000 of 28,232 ports in use, 13,000 of them reusable now"
    assert facts_of(browser, "calm")["Arriving"] == "less than 0.1/s of 471/s sustainable"
    unknown = facts_of(browser, "unknown")
    assert unknown["Arriving"] == "not known" and unknown["Tightest pool"] == "none: no socket is there"
    assert unknown["forecast"] == "Not on course to run out" and unknown["left"] == "100 % left"


def test_several_network_namespaces(browser, serve):
    stale = made.namespace([made.peer("db", 20000)], name="app", folded={
        "sockets": {"established": 3, "time_wait": 9}, "time_wait_entered_total": 3})
    stale["poll"] |= {"successful": False, "errors": {"overrun": 3}}
    page = serve(made.snapshot(made.namespace([made.peer("db")]), stale, made.namespace_without_figures("gone"),
                               findings=[made.finding("warning", "It is hot.", "db", netns="app")]))
    open_page(browser, page.url)
    assert browser.texts("h2")[:3] == ["The exporter’s own network namespace", "Network namespace app",
                                       "Network namespace gone"]
    assert [each for each in browser.run(
        "return [...document.querySelectorAll('.peer')].map(row => row.dataset.level)")] == ["calm", "warning"]
    notes = browser.texts(".note")
    assert notes[0] == "" and "The last poll failed." in notes[1] and "no figures" in notes[2]
    assert plain(browser.texts(".folded")[1]).startswith("Other peers, folded together: 12 sockets (9 TIME_WAIT")
    assert browser.console() == []


def test_hostile_sentence_is_text(browser, serve):
    page = serve(made.snapshot(made.namespace([made.peer(HOSTILE)]), findings=[
        made.finding("critical", HOSTILE, HOSTILE), made.finding("warning", HOSTILE, HOSTILE)]))
    open_page(browser, page.url)
    assert headline(browser) == HOSTILE
    assert browser.driver.title == f"Critical: {HOSTILE}"
    assert browser.text("#findings a") == f"Show {HOSTILE}"
    assert browser.run("return document.querySelectorAll('img').length") == 0


def test_the_row_that_has_the_focus_stays_while_the_order_changes(browser, serve):
    peers = [made.peer(name, used) for name, used in (("a", 9000), ("b", 6000), ("c", 3000))]
    page = serve(made.snapshot(made.namespace(peers)))
    open_page(browser, page.url)
    browser.run("window.moved = 0; window.row = document.querySelectorAll('.peer')[1]; row.focus();"
                "new MutationObserver(all => all.forEach(each => each.removedNodes.forEach("
                "  node => { if (node === row) ++window.moved; }))).observe(row.parentNode, {childList: true});")
    page.snapshot = made.snapshot(made.namespace([made.peer("a", 100), made.peer("b", 8000), made.peer("c", 20000),
                                                  made.peer("d", 15000)]))
    wait_for(lambda: browser.texts(".peer h4") == ["c", "d", "b", "a"])
    assert browser.run("return [document.activeElement === row, window.moved]") == [True, 0]


def test_what_is_gone_goes(browser, serve):
    page = serve(made.snapshot(made.namespace([made.peer("a"), made.peer("b")], [made.listener("x")]),
                               made.namespace(name="app"), hosts=[{"name": "h", "resolved": True, "addresses": 1}]))
    open_page(browser, page.url)
    page.snapshot = made.snapshot(made.namespace([made.peer("b")]))
    wait_for(lambda: browser.texts(".peer h4") == ["b"])
    assert browser.texts("h2")[0] == "The exporter’s own network namespace" and len(browser.texts(".namespace")) == 1
    assert browser.run("return [document.getElementById('names').hidden, document.querySelectorAll('table')[0].hidden]"
                       ) == [True, True]


def test_a_change_of_the_verdict_is_announced_and_a_new_figure_is_not(browser, serve):
    def saying(text, severity="warning"):
        return made.snapshot(made.namespace([made.peer("db")]), findings=[made.finding(severity, text, "db")])

    page = serve(saying("19 % left."))
    open_page(browser, page.url)
    page.snapshot = saying("18 % left.")
    wait_for(lambda: headline(browser) == "18 % left.")
    assert browser.text("[role=status]") == ""
    page.snapshot = saying("9 % left.", "critical")
    wait_for(lambda: browser.text("[role=status]") == "Critical: 9 % left.")


@pytest.mark.parametrize("interval, asked_after", [(0.1, 1000), (5, 5000), (60, 30000)])
def test_it_asks_as_often_as_the_exporter_polls(browser, serve, interval, asked_after):
    browser.run_before_each_page("""
        const original = setTimeout;
        window.delays = [];
        window.setTimeout = (call, delay) => { delays.push(delay); return original(call, delay); };""")
    page = serve(made.snapshot(made.namespace(), interval=interval))
    open_page(browser, page.url)
    assert asked_after in browser.run("return delays")


def test_it_does_not_ask_while_nobody_looks(browser, serve):
    page = serve(made.snapshot(made.namespace(), interval=1))
    open_page(browser, page.url)
    browser.set_hidden(True)
    wait_for(lambda: browser.run("return performance.getEntriesByType('resource').every(each => each.responseEnd > 0)"))
    asked = len(page.requests)
    began = browser.run("return performance.now()")
    wait_for(lambda: browser.run("return performance.now()") > began + 2500)
    assert len(page.requests) == asked
    page.snapshot = made.snapshot(made.namespace([made.peer("db")]))
    browser.set_hidden(False)
    wait_for(lambda: browser.texts(".peer h4") == ["db"])


@pytest.mark.parametrize("answer, reason", [
    ({"schema_version": 2}, "The exporter is of another version than this page: load the page anew."),
    (None, "The exporter is of another version"), (503, "The exporter answers with status 503."),
    (b"<html>", "The answer of the exporter is not JSON.")])
def test_an_answer_that_is_none(browser, serve, answer, reason):
    page = serve(made.snapshot(made.namespace([made.peer("db")])))
    open_page(browser, page.url)
    page.snapshot = answer
    wait_for(lambda: headline(browser).startswith(reason))
    assert browser.texts(".peer h4") == ["db"]
    page.snapshot = made.snapshot(made.namespace())
    wait_for(lambda: headline(browser).startswith("Nothing is"))


def everything():
    """A snapshot with something in every place."""
    peers = [made.peer("orders-db", 26400, exhaustion=740.0, arrivals=498.2), made.peer("external-api", 23800),
             made.peer("tomcat", 14000, reusable=13000), made.peer("[2001:db8::17]:8443", 3),
             made.peer("very-long-" * 12, 0, arrivals=None, sustainable_per_second=None)]
    listeners = [made.listener("nginx", 500, 511, established=812, time_wait=13020),
                 made.listener("*:10048", exporter=True), made.listener("x" * 128, limit=None)]
    stale = made.namespace([made.peer("db")], name="app", folded={
        "sockets": {"established": 3, "time_wait": 9}, "time_wait_entered_total": 3})
    stale["poll"] |= {"successful": False, "errors": {"overrun": 3}, "audit": {"successful": True, "probes": 28232}}
    findings = [made.finding("critical", "Toward orders-db, 6.4 % of the local ports are left.", "orders-db"),
                made.finding("warning", "Toward external-api, 15 % of the local ports are left.", "external-api"),
                *[made.finding("info", f"Note {i}.") for i in range(8)]]
    return made.snapshot(made.namespace(peers, listeners), stale, made.namespace_without_figures("gone"),
                         findings=findings, hosts=[{"name": "h" * 90, "resolved": False, "addresses": 2}])


def test_what_is_made_up_has_the_shape_of_the_real_thing():
    jsonschema.validate(everything(), json.loads(SCHEMA.read_text(encoding="utf-8")))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("old", [False, True], ids=["", "old"])
def test_axe_finds_nothing(browser, serve, size, scheme, old):
    page = serve(everything())
    browser.show_as(size, scheme)
    open_page(browser, page.url)
    browser.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    if old:
        page.snapshot = 503
        wait_for(lambda: browser.run("return document.documentElement.hasAttribute('data-old')"))
    # All rows are laid out, so that axe sees the colours of those below the fold too.
    browser.run("document.querySelectorAll('.peer').forEach(each => each.style.contentVisibility = 'visible')")
    assert [each for each in browser.axe_violations() if each[0] in ("serious", "critical", "moderate")] == []
    assert browser.run("return document.documentElement.scrollWidth") <= size[0]
    assert [each for each in browser.console() if "503" not in each] == []


def test_headings_leave_out_no_level(browser, serve):
    open_page(browser, serve(everything()).url)
    levels = [int(each) for each in browser.run(
        "return [...document.querySelectorAll('h1, h2, h3, h4')].map(each => each.tagName[1])")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:]))


def test_everything_is_reached_by_keyboard(browser, serve):
    open_page(browser, serve(everything()).url)
    browser.run("""
        window.expected = [...document.querySelectorAll('a[href], summary')].filter(each => each.checkVisibility());
        window.reached = [];
        window.unmarked = [];
        document.addEventListener('focusin', event => {
          reached.push(event.target);
          if (getComputedStyle(event.target).outlineStyle === 'none') unmarked.push(event.target.outerHTML);
        });""")
    count = browser.run("return expected.length")
    # The skip link, those of two findings, the further findings, two texts of help, four at the foot.
    assert count == 10
    for _ in range(count):
        browser.press_tab()
    assert browser.run("return expected.filter(each => !reached.includes(each)).map(each => each.outerHTML)") == []
    assert browser.run("return unmarked") == []
    assert browser.run("return reached[0].className") == "skip"


def test_the_skip_link_leads_to_the_figures(browser, serve):
    open_page(browser, serve(everything()).url)
    browser.press_tab()
    browser.press_enter()
    wait_for(lambda: browser.run("return document.activeElement.id") == "figures")


def test_graphs_are_told_in_words(browser, serve):
    open_page(browser, serve(made.snapshot(made.namespace([made.peer("db", 14116)]))).url)
    label = browser.run("return document.querySelector('.left [role=img]').getAttribute('aria-label')")
    assert plain(label) == "Left, ten minutes: lowest 50 %, highest 50 %, last 50 %"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_300_peers(browser, serve, size):
    peers = [made.peer(f"10.0.{i // 250}.{i % 250}:443", 28000 - 90 * i) for i in range(300)]
    browser.show_as(size)
    open_page(browser, serve(made.snapshot(made.namespace(reversed(peers)))).url)
    names = browser.texts(".peer h4")
    assert len(names) == 300 and names[0] == "10.0.0.0:443" and names[-1] == "10.0.1.49:443"
    assert browser.run("return document.documentElement.scrollWidth") <= size[0]
    wait_for(lambda: browser.texts(".peer canvas"))
    assert len(browser.texts(".peer canvas")) < 40
    # Those that come into view are drawn, and those that leave it are let go of.
    browser.run("document.querySelectorAll('.peer')[200].scrollIntoView()")
    drawn = "return document.querySelectorAll('.peer')[arguments[0]].querySelectorAll('canvas').length"
    wait_for(lambda: browser.run(drawn, 200) == 2)
    wait_for(lambda: browser.run(drawn, 0) == 0)
    assert browser.console() == []
