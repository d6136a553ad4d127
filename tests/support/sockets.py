"""Real TCP sockets in the states that the tests need."""

import errno
import socket
import subprocess

from support.waiting import wait_for

IP_BIND_ADDRESS_NO_PORT = 24


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def listen(address="127.0.0.1", port=0, v6only=None, reuse_port=False, backlog=4096):
    listener = socket.socket(family_of(address))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if reuse_port:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if v6only is not None:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(v6only))
    listener.bind((address, port))
    listener.listen(backlog)
    return listener


def connect(address, port, source=None):
    """Connects as an ordinary client does: the kernel picks the local port at connect()."""
    client = socket.socket(family_of(address))
    try:
        if source is not None:
            client.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            client.bind((source, 0))
        client.connect((address, port))
    except OSError:
        client.close()
        raise
    return client


def established(listener, address=None, source=None):
    """(client, server) of one connection to the listener."""
    bound_to, port = listener.getsockname()[:2]
    client = connect(address or bound_to, port, source)
    server, _ = listener.accept()
    return client, server


def close_in_order(first, second):
    """The first to close keeps the TIME_WAIT."""
    first.shutdown(socket.SHUT_WR)
    assert second.recv(1) == b""
    second.close()
    first.recv(1)
    first.close()


def client_time_wait(listener, count, address=None, source=None):
    for _ in range(count):
        client, server = established(listener, address, source)
        close_in_order(client, server)


def server_time_wait(listener, count, address=None, source=None):
    for _ in range(count):
        client, server = established(listener, address, source)
        close_in_order(server, client)


def connect_until_exhausted(address, port, source=None, limit=70000):
    """Asks the kernel: opens and holds connections until it has no port left. Returns the sockets."""
    held = []
    while len(held) < limit:
        try:
            held.append(connect(address, port, source))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                return held
            raise
    raise AssertionError("the kernel never ran out of ports")


_SS_STATES = {
    "ESTAB": "established", "SYN-SENT": "syn_sent", "SYN-RECV": "syn_recv", "FIN-WAIT-1": "fin_wait1",
    "FIN-WAIT-2": "fin_wait2", "TIME-WAIT": "time_wait", "CLOSE-WAIT": "close_wait",
    "LAST-ACK": "last_ack", "CLOSING": "closing", "LISTEN": "listen", "UNCONN": "close",
}


def ss():
    """What ss(8) sees: a list of (state, local address, local port, remote address, remote port)."""
    output = subprocess.run(["ss", "-Htan"], capture_output=True, text=True, check=True).stdout
    sockets = []
    for line in output.splitlines():
        state, _, _, local, remote = line.split()[:5]
        sockets.append((_SS_STATES[state], *_split(local), *_split(remote)))
    return sockets


def settled():
    """Waits until no socket is in a state that passes: the other side acknowledges a FIN when it gets round to it."""
    wait_for(lambda: not {"fin_wait1", "last_ack", "closing"} & {each[0] for each in ss()})


def _split(endpoint):
    address, port = endpoint.rsplit(":", 1)
    address = address.strip("[]").split("%")[0]
    return address.removeprefix("::ffff:"), port
