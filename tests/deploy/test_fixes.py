"""The nginx that deploy/runbooks/fixes.md shows keeps its connections to the application; without its keepalive it does not."""

import http.client
import re

import pytest

from support import nginx
from support.application import Application
from support.project import PROJECT
from support.sockets import settled, ss

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

REQUESTS = 40
(SHOWN,) = re.findall(r"^```nginx\n(.*?)^```$", (PROJECT / "deploy/runbooks/fixes.md").read_text(encoding="utf-8"),
                      re.DOTALL | re.MULTILINE)
KEEPALIVE = "    keepalive 64;"


def time_waits_after_requests(directory, text):
    """Of the connections between nginx and the application, whichever side has them."""
    file = directory / "nginx.conf"
    file.write_text(f"error_log {directory}/error.log; pid {directory}/nginx.pid; events {{}}\n"
                    f"http {{ access_log off; {nginx.temporary_files(directory)}\n"
                    f"{text.replace('127.0.0.1:8000', '127.0.0.1:80')} }}\n", encoding="utf-8")
    with Application(8080), nginx.Nginx(file):
        client = http.client.HTTPConnection("127.0.0.1", 80, timeout=10)
        for _ in range(REQUESTS):
            client.request("GET", "/")
            assert client.getresponse().read()
        client.close()
        settled()
        return sum(state == "time_wait" and "8080" in (local, remote) for state, _, local, _, remote in ss())


def test_it_keeps_connections_open(tmp_path):
    assert time_waits_after_requests(tmp_path, SHOWN) == 0


def test_without_keepalive_each_request_is_a_connection(tmp_path):
    assert KEEPALIVE in SHOWN
    assert time_waits_after_requests(tmp_path, SHOWN.replace(KEEPALIVE, "#")) == REQUESTS
