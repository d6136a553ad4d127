"""The status page in a real browser, on snapshots that are made up: what real sockets would take long to show."""

import json
import pathlib
import re

import jsonschema
import pytest

from support import made_snapshots as made
from support.browser import DESKTOP, PHONE
from support.status_page import facts_of, headline, open_page, plain
from support.waiting import wait_for

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "src/exposition/snapshot.schema.json"
HOSTILE = "<img src=x onerror=\"document.title='taken over'\">&amp;'\"</li>"


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
    assert unknown["Arriving"] == "none" and unknown["Tightest pool"] == "none: no socket is there"
    assert unknown["forecast"] == "Not on course to run out" and unknown["left"] == "100 % left"


def test_several_network_namespaces(browser, serve):
    stale = made.namespace([made.peer("db", 20000)], name="app", folded={
        "sockets": {"established": 3, "time_wait": 9}, "time_wait_entered_total": 3})
    stale["poll"] |= {"successful": False, "errors": {"overrun": 3}}
    page = serve(made.snapshot(made.namespace([made.peer("db")]), stale, made.namespace_without_figures("gone"),
                               findings=[made.finding("warning", "It is hot.", "db", netns="app")]))
    open_page(browser, page.url)
    assert browser.texts("h2")[:3] == ["The exporter’s own network namespace", "Network namespace \u2068app\u2069",
                                       "Network namespace \u2068gone\u2069"]
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
    assert browser.text("#findings a") == f"Show \u2068{HOSTILE}\u2069"
    assert browser.run("return document.querySelectorAll('img').length") == 0


def test_a_name_from_right_to_left_turns_nothing_else_round(browser, serve):
    name = "\u202eחדש"
    page = serve(made.snapshot(made.namespace([made.peer(name)], [made.listener(name, exporter=True)]),
                               findings=[made.finding("info", f"Toward {name}, nothing.", name)]))
    open_page(browser, page.url)
    assert browser.find("#findings a").text == f"Show \u2068{name}\u2069"
    assert browser.find(".peer [role=meter]").get_attribute("aria-label") == f"Ports toward \u2068{name}\u2069"
    left_to_right = "return arguments[0].getBoundingClientRect().right <= arguments[1].getBoundingClientRect().left"
    for before, after in (("#findings [data-part=text]", "#findings a"), ("tbody bdi", ".badge")):
        assert browser.run(left_to_right, browser.find(before), browser.find(after))


@pytest.mark.parametrize("ratio, share", [
    (0, "0 %"), (0.000001, "less than 0.1 %"), (0.001, "0.1 %"), (0.07, "7 %"), (0.0711, "7.1 %"), (0.29, "29 %"),
    (0.57, "57 %"), (0.579999, "57 %"), (0.999, "99.9 %"), (0.999999, "99.9 %"), (1, "100 %")])
def test_shares_are_rounded_down_from_what_they_are(browser, serve, ratio, share):
    page = serve(made.snapshot(made.namespace([made.peer("db", effective_headroom_ratio=ratio)])))
    open_page(browser, page.url)
    assert facts_of(browser, "db")["left"] == f"{share} left"


@pytest.mark.parametrize("used, exhaustion, words", [
    (made.CAPACITY, 0.0, "No port is left"), (made.CAPACITY, None, "No port is left"),
    (made.CAPACITY - 797, 0.0, "Should have run out by now"), (made.CAPACITY - 797, 0.4, "Runs out in less than 1 s")])
def test_a_forecast_at_its_end(browser, serve, used, exhaustion, words):
    page = serve(made.snapshot(made.namespace([made.peer("db", used, exhaustion=exhaustion)])))
    open_page(browser, page.url)
    assert facts_of(browser, "db")["forecast"] == words


def test_what_is_not_known_of_a_peer_with_sockets(browser, serve):
    open_page(browser, serve(made.snapshot(made.namespace([made.peer("db", 9, arrivals=None)]))).url)
    assert facts_of(browser, "db")["Arriving"] == "not known"


FOLDED = {"sockets": {"established": 1000, "time_wait": 712}, "time_wait_entered_total": 712}
FOLDED_POOL = made.pool("other", 20000, local_address="10.0.0.5", remote_address="10.0.0.9", remote_port=443)


@pytest.mark.parametrize("peers, folded, sentence", [
    ([], {}, "no outbound connection is there."),
    ([], {"folded": FOLDED | {"sockets": {"established": 0}}}, "no outbound connection is there."),
    ([], {"folded": FOLDED}, "no peer is shown; 1,712 sockets of other peers, folded together."),
    ([made.peer("idle")], {"folded": FOLDED, "pools": [FOLDED_POOL]},
     "one peer, with 100 % of its ports left; 1,712 sockets of other peers, folded together, whose tightest pool has "
     "29 % of its ports left.")])
def test_folded_peers_are_not_nothing(browser, serve, peers, folded, sentence):
    open_page(browser, serve(made.snapshot(made.namespace(peers, **folded))).url)
    assert headline(browser) == f"Nothing is wrong: {sentence}"
    assert browser.find(".none").is_displayed() == (sentence == "no outbound connection is there.")
    if "pools" in folded:
        pool = "The tightest pool among them, 10.0.0.5 → 10.0.0.9:443, has 29 % left."
        assert pool in plain(browser.text(".folded"))


def test_how_urgent_the_further_findings_are(browser, serve):
    findings = [made.finding(severity, f"{severity} {i}.")
                for severity, count in (("critical", 7), ("warning", 2), ("info", 3)) for i in range(count)]
    open_page(browser, serve(made.snapshot(made.namespace(), findings=findings)).url)
    assert browser.text("#more-findings summary") == "More: 1 critical, 2 warnings, 3 notes"


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
    return made.snapshot(made.namespace(peers, listeners, pools=[FOLDED_POOL]), stale,
                         made.namespace_without_figures("gone"), findings=findings,
                         hosts=[{"name": "h" * 90, "resolved": False, "addresses": 2}])


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
