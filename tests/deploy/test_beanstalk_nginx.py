"""The nginx files of the Elastic Beanstalk bundles: what they change of the default, and that they change nothing else."""

import http.client
import json
import socket
import threading

import pytest

from support import exporter, netns, nginx
from support.application import Application
from support.beanstalk import BUNDLES
from support.nginx import Nginx, beanstalk_default

CLIENTS, REQUESTS = 32, 20

FIXED = {"java-se": 5000, "tomcat": 8080}


@pytest.fixture(autouse=True)
def every_time_wait_stays(fresh_network_namespace):
    """By default a new connection may take the port of one that has been in TIME_WAIT for a second."""
    netns.sysctl("ipv4.tcp_tw_reuse", 0)


def default(directory):
    return beanstalk_default(directory / "nginx", 8080)


def fixed(directory, platform):
    return beanstalk_default(directory / "nginx", FIXED[platform], BUNDLES / "java", BUNDLES / platform)


def of_compose(directory):
    """The one of the proxy container; its files are elsewhere here."""
    text = (BUNDLES / "compose-host/proxy/nginx.conf").read_text()
    for path in ("/var/log/nginx", "/var/run"):
        text = text.replace(path, str(directory))
    text = text.replace("/etc/nginx/mime.types", str(directory / "mime.types"))
    text = text.replace("http {", "http { " + nginx.temporary_files(directory))
    (directory / "mime.types").write_text("types { text/plain txt; }\n")
    (directory / "nginx.conf").write_text(text)
    return directory / "nginx.conf"


CONFIGURATIONS = {
    "default": (default, 8080), "compose": (of_compose, 8080),
    "java-se": (lambda directory: fixed(directory, "java-se"), 5000),
    "tomcat": (lambda directory: fixed(directory, "tomcat"), 8080),
}


def test_a_customer_may_set_how_large_the_tables_of_maps_are(tmp_path):
    configuration = fixed(tmp_path, "tomcat")
    (configuration.parent / "conf.d/limits.conf").write_text("map_hash_bucket_size 128;\nmap_hash_max_size 4096;\n")
    with Application(8080), Nginx(configuration):
        assert ask()[0] == 200


@pytest.fixture(params=CONFIGURATIONS)
def served(request, tmp_path):
    """The name of the configuration that nginx runs with, and its application."""
    configuration, port = CONFIGURATIONS[request.param]
    with Application(port), Nginx(configuration(tmp_path)):
        yield request.param


@pytest.fixture(params=["java-se", "tomcat"])
def platform(request):
    return request.param


def ask(method="GET", path="/", **options):
    """(status, body) of a request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=30)
    try:
        connection.request(method, path, **options)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def put_under_load():
    """Many clients at once, each on one connection; every request must succeed."""
    good = []

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=60)
        for _ in range(REQUESTS):
            connection.request("GET", "/")
            answer = connection.getresponse()
            answer.read()
            good.append(answer.status == 200)

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    assert good == [True] * CLIENTS * REQUESTS


def time_wait_toward(port):
    return exporter.poll_once().get("timewait_outbound_sockets", peer=f"127.0.0.1:{port}", state="time_wait")


def test_the_default_leaves_a_time_wait_per_request_and_the_fix_none(served):
    put_under_load()
    expected = CLIENTS * REQUESTS if served == "default" else 0
    assert time_wait_toward(CONFIGURATIONS[served][1]) == expected


def test_the_application_is_sent_the_headers_of_the_default(served):
    status, body = ask(headers={"X-Forwarded-For": "192.0.2.7", "Host": "shop.example"})
    headers = json.loads(body)["headers"]
    assert status == 200
    connection = headers.pop("Connection", None)
    assert connection == ("upgrade" if served == "default" else None)
    headers.pop("Accept-Encoding")
    assert headers == {"Host": "shop.example", "X-Real-IP": "127.0.0.1", "X-Forwarded-For": "192.0.2.7, 127.0.0.1"}


def test_a_websocket_passes(served):
    with socket.create_connection(("127.0.0.1", 80), timeout=30) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += client.recv(4096)
        assert b" 101 " in answer.splitlines()[0] and b"Upgrade: websocket" in answer
        assert b"X-Was-Asked-To: upgrade" in answer
        for message in (b"there", b"and back"):
            client.sendall(message)
            assert client.recv(1024) == message


def test_methods_and_bodies_pass(served):
    assert ask("HEAD") == (200, b"")
    assert ask(path="/chunked") == (200, b"firstsecond")
    length = 900_000 if served == "compose" else 3_000_000
    assert ask("POST", body=b"x" * length) == (200, json.dumps({"bytes": length}).encode())
    assert ask("POST", body=iter([b"x" * 100_000] * 5), encode_chunked=True,
               headers={"Transfer-Encoding": "chunked"}) == (200, b'{"bytes": 500000}')


def test_the_limit_of_uploads_stays_that_of_the_default(tmp_path, platform):
    with Application(FIXED[platform]), Nginx(fixed(tmp_path, platform)):
        with socket.create_connection(("127.0.0.1", 80), timeout=30) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 104857601\r\n\r\n")
            assert b" 413 " in client.recv(4096).splitlines()[0]


def test_an_application_that_restarts_is_found_again(tmp_path, platform):
    with Nginx(fixed(tmp_path, platform)):
        with Application(FIXED[platform]):
            put_under_load()
        assert ask()[0] == 502
        with Application(FIXED[platform]):
            assert ask("POST", body=b"x") == (200, b'{"bytes": 1}')
            put_under_load()


def test_a_bundle_that_lacks_the_platforms_file_is_refused_before_nginx_takes_it(tmp_path):
    sound, said = nginx.check(beanstalk_default(tmp_path / "nginx", 8080, BUNDLES / "java"))
    assert not sound
    assert "host not found in upstream" in said
