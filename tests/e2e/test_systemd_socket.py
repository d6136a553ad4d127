"""--web.systemd-socket: the sockets that systemd passes (sd_listen_fds(3)) are served, and no other."""

import socket
import subprocess

import pytest

from support import exporter
from support.exporter import Daemon
from support.socket_activation import launcher

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")


def start(*sockets, flags=()):
    return Daemon("--web.systemd-socket", *flags, listen=None, launcher=launcher(*sockets),
                  pass_fds=[each.fileno() for each in sockets])


def refuses(*sockets, process="$$"):
    """What it says when it does not start."""
    result = subprocess.run([*launcher(*sockets, process=process), exporter.binary(), "--web.systemd-socket"],
                            pass_fds=[each.fileno() for each in sockets], capture_output=True, text=True,
                            timeout=20, check=False)
    assert result.returncode == 1
    return result.stderr


def answers(host, port):
    with socket.create_connection((host, port), timeout=10) as client:
        client.sendall(b"GET /-/healthy HTTP/1.0\r\n\r\n")
        return b"Healthy." in b"".join(iter(lambda: client.recv(4096), b""))


def test_it_serves_every_socket_it_is_given(keep):
    ipv4 = keep(socket.create_server(("127.0.0.1", 0)))
    ipv6 = keep(socket.create_server(("::1", 0), family=socket.AF_INET6))
    with start(ipv4, ipv6) as daemon:
        daemon.wait_for_log("listening", f"[::1]:{ipv6.getsockname()[1]}")
        assert answers(*ipv4.getsockname())
        assert answers(*ipv6.getsockname()[:2])


def test_it_serves_no_other_address(keep):
    passed = keep(socket.create_server(("127.0.0.1", 0)))
    with start(passed, flags=["--web.listen-address=127.0.0.1:10048"]):
        assert answers(*passed.getsockname())
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", 10048))


def test_clients_that_came_before_it_are_served(keep):
    passed = keep(socket.create_server(("127.0.0.1", 0)))
    early = keep(socket.create_connection(passed.getsockname(), timeout=10))
    early.sendall(b"GET /-/healthy HTTP/1.0\r\n\r\n")
    with start(passed):
        assert early.recv(100).startswith(b"HTTP/1.")


def test_sockets_that_it_cannot_serve(keep, tmp_path):
    udp = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    udp.bind(("127.0.0.1", 0))
    connected = keep(socket.create_connection(keep(socket.create_server(("127.0.0.1", 0))).getsockname()))
    unix = keep(socket.socket(socket.AF_UNIX))
    unix.bind(str(tmp_path / "socket"))
    unix.listen()
    for each in (udp, connected):
        assert "descriptor 3" in refuses(each) and "listening" in refuses(each)
    assert "no TCP socket" in refuses(unix)


def test_no_sockets_or_those_of_another_process(keep):
    passed = keep(socket.create_server(("127.0.0.1", 0)))
    by_hand = exporter.run("--web.systemd-socket")
    assert by_hand.returncode == 1 and "systemd passed no sockets" in by_hand.stderr
    assert "systemd passed no sockets" in refuses(passed, process="1")
