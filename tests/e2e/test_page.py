"""The status page of a real exporter, in a real browser."""

import base64
import errno
import hashlib
import json
import re
import signal

import pytest

from support import web_config
from support.browser import Browser
from support.exporter import Daemon
from support.sandbox import fail_to_receive
from support.sockets import client_time_wait, established, listen, server_time_wait
from support.status_page import facts_of, headline, open_page, plain, table
from support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

HOSTILE = "<img src=x onerror=\"document.title='taken over'\">&amp;'\"</li>"


@pytest.fixture
def browser(fresh_network_namespace, tmp_path):
    with Browser(tmp_path) as running:
        yield running


def url(daemon):
    return f"http://{daemon.host}:{daemon.port}/"


def config_file(directory, text):
    file = directory / "config.yml"
    file.write_text(text, encoding="utf-8")
    return f"--config.file={file}"


def snapshot_of(daemon):
    status, _, body = daemon.get("/api/v1/snapshot")
    assert status == 200
    return json.loads(body)


def test_it_shows_what_the_snapshot_says(browser, tmp_path, keep):
    api, tomcat = keep(listen("127.0.0.1", 8443)), keep(listen("127.0.0.1", 8080))
    client_time_wait(api, 7)
    keep(*established(api), *established(api))
    server_time_wait(tomcat, 3)
    config = config_file(tmp_path, "poll: {interval: 60s}\npeers: [{name: api, match: [{port: 8443}]}]\n")
    with Daemon(config, "--web.telemetry-path=/figures") as daemon:
        open_page(browser, url(daemon))
        snapshot = snapshot_of(daemon)
        (own,) = snapshot["namespaces"]
        (api_peer,) = [each for each in own["peers"] if each["name"] == "api"]
        capacity = api_peer["ports"]["capacity"]
        facts = facts_of(browser, "api")
        assert facts["In use"] == f"9 of {capacity:,}"
        assert facts["Sockets"] == "7 TIME_WAIT, 2 ESTABLISHED"
        assert facts["Free"].startswith(f"{api_peer['ports']['free']:,}")
        assert facts["Tightest pool"] == "127.0.0.1 → 127.0.0.1:8443"
        assert facts["left"] == "99.9 % left" and facts["now"] == "0"
        assert facts["bar"].startswith(f"99.9 % left: 9 of {capacity:,} ports in use")
        assert browser.texts(".peer h4") == sorted(each["name"] for each in own["peers"])
        listeners = table(browser, "Listeners.")
        assert [row[0] for row in listeners] == [
            each["name"] + (" this exporter" if each["exporter"] else "") for each in own["listeners"]]
        assert ["127.0.0.1:8080", "3 TIME_WAIT", "0 of 4,096"] in listeners
        limits = dict(table(browser, "Settings"))
        assert limits["Ephemeral ports 32768 to 60999, ip_local_port_range: what connect() chooses from"] == "28,232"
        polls = {row[0].split(" since")[0]: row[1] for row in table(browser, "How reading")}
        assert polls["Polls"] == "1" and polls["Interval"] == "60 s" and polls["Last poll"] == "succeeded"
        assert browser.find("nav a").get_attribute("href") == url(daemon) + "figures"
        assert browser.console() == []
        asked = browser.requested()
        assert url(daemon) in asked and url(daemon) + "api/v1/snapshot" in asked
        assert [each for each in asked if not each.startswith((url(daemon), "data:"))] == []


def test_policy_allows_just_what_is_in_the_page():
    with Daemon() as daemon:
        _, headers, body = daemon.get("/")
        assert daemon.get("/", method="HEAD")[1]["Content-Security-Policy"] == headers["Content-Security-Policy"]
    policy = dict(each.strip().split(" ", 1) for each in headers["Content-Security-Policy"].split(";"))
    for element in ("style", "script"):
        (content,) = re.findall(rb"<%b>(.*?)</%b>" % (element.encode(), element.encode()), body, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert policy.pop(f"{element}-src") == f"'sha256-{digest}'"
    assert policy == {"default-src": "'none'", "connect-src": "'self'", "img-src": "data:", "base-uri": "'none'",
                      "form-action": "'none'", "frame-ancestors": "'none'"}


def test_the_password_may_stand_in_the_address_and_may_change(browser, tmp_path):
    file = web_config.write(tmp_path / "web.yml", basic_auth_users={"alice": web_config.bcrypt("wonderland")})
    with Daemon(f"--web.config.file={file}") as daemon:
        open_page(browser, url(daemon).replace("//", "//alice:wonderland@"))
        assert headline(browser).startswith("Nothing is")
        web_config.write(file, basic_auth_users={"alice": web_config.bcrypt("looking-glass")})
        wait_for(lambda: headline(browser).startswith("The exporter does not take the password any more: load the"))
        assert browser.run("return document.documentElement.hasAttribute('data-old')")


def test_nothing_known_yet(browser):
    with Daemon(preexec_fn=lambda: fail_to_receive(errno.EIO)) as daemon:
        open_page(browser, url(daemon))
        assert headline(browser).startswith("No poll has succeeded yet")
        assert browser.text(".note").startswith("No poll of this network namespace has succeeded yet")
        assert browser.text("#freshness").startswith("No figures yet")
        assert browser.console() == []


def test_folded_peers_are_told_of(browser, tmp_path, keep):
    client_time_wait(keep(listen("127.0.0.1", 8080)), 300)
    with Daemon(config_file(tmp_path, "discovery: {max_peers: 0}\n")) as daemon:
        open_page(browser, url(daemon))
        # The browser has connections of its own.
        assert re.fullmatch(r"Nothing is urgent: no peer is shown; 3\d\d sockets of other peers, folded together, whose "
                            r"tightest pool has 98 % of its ports left\.", headline(browser))
        assert not browser.find(".none").is_displayed()
        assert "127.0.0.1 → 127.0.0.1:8080, has 98 % left" in plain(browser.text(".folded"))


def test_hostile_names_are_text(browser, tmp_path, keep):
    client_time_wait(keep(listen("127.0.0.1", 8080)), 2)
    quoted = HOSTILE.replace("'", "''")
    config = config_file(tmp_path, f"peers: [{{name: '{quoted}', match: [{{port: 8080}}]}}]\n"
                                   f"listeners: [{{name: '{quoted}', match: [{{port: 8080}}]}}]\n")
    with Daemon(config) as daemon:
        open_page(browser, url(daemon))
        assert HOSTILE in browser.texts(".peer h4")
        assert HOSTILE in [row[0] for row in table(browser, "Listeners.")]
        assert browser.run("return document.querySelectorAll('img').length") == 0
        assert browser.driver.title != "taken over"


def test_it_updates_itself_and_leaves_the_reader_alone(browser, tmp_path, keep):
    listener = keep(listen("127.0.0.1", 8080))
    client_time_wait(listener, 3)
    client_time_wait(keep(listen("127.0.0.1", 9090)), 1)
    with Daemon(config_file(tmp_path, "poll: {interval: 200ms}\n")) as daemon:
        browser.show_as((1280, 400))
        open_page(browser, url(daemon))
        browser.run("document.querySelector('.help').open = true; document.querySelector('.peer').focus();"
                    "scrollTo(0, 150); window.row = document.activeElement;")
        client_time_wait(listener, 4)
        wait_for(lambda: facts_of(browser, "127.0.0.1:8080")["Sockets"] == "7 TIME_WAIT")
        assert browser.run("return [document.querySelector('.help').open, scrollY, document.activeElement === row,"
                           "        document.getElementById('announcement').textContent]") == [True, 150, True, ""]


def hurry(browser):
    """Has the page ask now, as when the reader comes back to it."""
    browser.set_hidden(True)
    browser.set_hidden(False)


def test_it_outlives_the_exporter(browser, keep):
    client_time_wait(keep(listen("127.0.0.1", 8080)), 3)
    with Daemon(listen="127.0.0.1:10048") as daemon:
        open_page(browser, url(daemon))
        daemon.stop(signal.SIGTERM)
        hurry(browser)
        wait_for(lambda: headline(browser).startswith("The exporter cannot be reached. What follows is old, from"))
        assert browser.run("return document.documentElement.hasAttribute('data-old')")
        assert "127.0.0.1:8080" in browser.texts(".peer h4")
        assert "no newer ones" in browser.text("#freshness")
        assert browser.text("[role=status]").startswith("No new figures: ")
    with Daemon(listen="127.0.0.1:10048"):
        hurry(browser)
        wait_for(lambda: headline(browser).startswith("Nothing is"))
        assert not browser.run("return document.documentElement.hasAttribute('data-old')")
