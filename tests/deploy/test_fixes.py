"""What deploy/runbooks/fixes.md shows does what it says: nginx, in C, and in Java as far as its libraries are there."""

import contextlib
import http.client
import json
import pathlib
import re
import subprocess
import xml.etree.ElementTree

import pytest

from support import netns, nginx
from support.application import Application
from support.project import PROJECT
from support.sockets import settled, ss

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

PAGE = (PROJECT / "deploy/runbooks/fixes.md").read_text(encoding="utf-8")
TOMCAT = ":".join(map(str, pathlib.Path("/usr/share/tomcat10").rglob("*.jar")))
NO_PORT = "setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);"


def shown(language):
    """The page's blocks of it."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


REQUESTS = 40
(SHOWN,) = shown("nginx")
KEEPALIVE = "    keepalive 64;"


@contextlib.contextmanager
def serving(directory, text):
    """nginx on port 80, with these lines, before the application."""
    file = directory / "nginx.conf"
    file.write_text(f"error_log {directory}/error.log; pid {directory}/nginx.pid; events {{}}\n"
                    f"http {{ access_log off; {nginx.temporary_files(directory)}\n"
                    f"{text.replace('127.0.0.1:8000', '127.0.0.1:80')} }}\n", encoding="utf-8")
    with Application(8080), nginx.Nginx(file):
        yield


def time_waits_after_requests(directory, text):
    """Of the connections between nginx and the application, whichever side has them."""
    with serving(directory, text):
        client = http.client.HTTPConnection("127.0.0.1", 80, timeout=10)
        for _ in range(REQUESTS):
            client.request("GET", "/")
            assert client.getresponse().read()
        client.close()
        settled()
        return sum(state == "time_wait" and "8080" in (local, remote) for state, _, local, _, remote in ss())


def test_it_keeps_connections_open(tmp_path):
    assert time_waits_after_requests(tmp_path, SHOWN) == 0


HOST = "        proxy_set_header Host $host;\n"


@pytest.mark.parametrize("text, host", [(SHOWN, "shop.example"), (SHOWN.replace(HOST, ""), "app")])
def test_the_application_sees_the_host_that_was_asked_for(tmp_path, text, host):
    assert HOST in SHOWN
    with serving(tmp_path, text):
        client = http.client.HTTPConnection("127.0.0.1", 80, timeout=10)
        client.request("GET", "/", headers={"Host": "shop.example"})
        assert json.loads(client.getresponse().read())["headers"]["Host"] == host
        client.close()


def test_without_keepalive_each_request_is_a_connection(tmp_path):
    assert KEEPALIVE in SHOWN
    assert time_waits_after_requests(tmp_path, SHOWN.replace(KEEPALIVE, "#")) == REQUESTS


def ports_after(*command):
    """The range and the reserved ports of the caller's network namespace."""
    subprocess.run(command, check=True, timeout=20, capture_output=True)
    return [pathlib.Path("/proc/sys/net/ipv4", name).read_text(encoding="ascii").split()
            for name in ("ip_local_port_range", "ip_local_reserved_ports")]


def test_a_boot_sets_what_the_commands_set(tmp_path):
    (file,), (commands,) = shown("ini"), [block for block in shown("sh") if "ip_local_port_range=" in block]
    (tmp_path / "60-local-ports.conf").write_text(file, encoding="utf-8")
    widened = [["15000", "64999"], ["18080,27017"]]
    assert ports_after("sysctl", "-p", tmp_path / "60-local-ports.conf") == widened
    netns.enter_fresh()
    assert ports_after("sh", "-ec", commands) == widened


def port_after_bind(directory, text):
    """What a C program that has these lines is given by bind()."""
    (directory / "fix.c").write_text(f"""
        #include <arpa/inet.h>
        #include <stdio.h>
        #include <sys/socket.h>
        int main(void) {{
          int fd = socket(AF_INET, SOCK_STREAM, 0);
          struct sockaddr_in source = {{.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
          socklen_t size = sizeof source;
          {text}
          getsockname(fd, (struct sockaddr *)&source, &size);
          printf("%d", ntohs(source.sin_port));
        }}""", encoding="utf-8")
    subprocess.run(["cc", "-Wall", "-Wno-unused-variable", "-Werror", "-o", directory / "fix", directory / "fix.c"],
                   check=True, timeout=60)
    return int(subprocess.run([directory / "fix"], capture_output=True, check=True, timeout=60).stdout)


def test_bind_takes_no_port(tmp_path):
    (text,) = shown("c")
    assert NO_PORT in text
    assert port_after_bind(tmp_path, text) == 0
    assert port_after_bind(tmp_path, text.replace(NO_PORT, "")) > 0


def run_java(directory, text, *arguments):
    """Compiled with the compiler that Tomcat has for JSPs, so that no JDK is needed; its class is Fix."""
    (directory / "Fix.java").write_text(text, encoding="utf-8")
    subprocess.run(["java", "-cp", TOMCAT, "org.eclipse.jdt.internal.compiler.batch.Main", "-17", "-proc:none",
                    "-cp", TOMCAT, directory / "Fix.java"], check=True, timeout=120)
    return subprocess.run(["java", "-cp", f"{TOMCAT}:{directory}", "Fix", *arguments], capture_output=True, text=True,
                          check=True, timeout=120).stdout


def test_javas_own_client(tmp_path):
    (text,) = [block for block in shown("java") if "HttpClient.newBuilder()" in block]
    assert run_java(tmp_path, f"""
        import java.net.http.HttpClient;
        import java.time.Duration;
        class Fix {{
          {text}
          public static void main(String[] arguments) {{ System.out.print(API.connectTimeout().get()); }}
        }}""") == "PT2S"


def test_tomcats_pool_knows_all_that_it_is_told(tmp_path):
    (text,) = shown("xml")
    told = dict(xml.etree.ElementTree.fromstring(text.partition("-->")[2]).attrib)
    assert told.pop("type") == "javax.sql.DataSource" and told.pop("name").startswith("jdbc/")
    setters = run_java(tmp_path, """
        class Fix {
          public static void main(String[] arguments) throws Exception {
            Class.forName(arguments[0]);
            for (var method : org.apache.tomcat.jdbc.pool.PoolProperties.class.getMethods())
              System.out.println(method.getName());
          }
        }""", told.pop("factory")).split()
    assert len(told) == 7 and {f"set{name[0].upper()}{name[1:]}" for name in told} <= set(setters)
