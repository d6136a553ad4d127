"""What the running kernel has, of what not every supported one has: asked of the kernel, not read from its version."""

import contextlib
import os
import socket
import struct

IP_LOCAL_PORT_RANGE = 51
_SOCK_DIAG_BY_FAMILY, _REQUEST_A_DUMP, _DONE = 20, 0x301, 3
_BOUND_INACTIVE = 1 << 13  # a state in the request


def can_be_asked_for_ports():
    """Whether connect() can be confined to a port, by which the audit asks: IP_LOCAL_PORT_RANGE, Linux 6.3."""
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.IPPROTO_IP, IP_LOCAL_PORT_RANGE, struct.pack("I", 0))
        except OSError:
            return False
        return True


def lists_bound_sockets():
    """Whether sock_diag tells of sockets that are bound and not connected: Linux 6.8."""
    with contextlib.closing(socket.socket()) as bound, _netlink() as netlink:
        bound.bind(("127.0.0.1", 0))
        request = struct.pack("=BBBBI48x", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, _BOUND_INACTIVE)
        netlink.send(struct.pack("=IHHII", 16 + len(request), _SOCK_DIAG_BY_FAMILY, _REQUEST_A_DUMP, 1, 0) + request)
        return struct.unpack_from("=H", netlink.recv(65536), 4)[0] != _DONE


def _netlink():
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)  # NETLINK_SOCK_DIAG
    sock.settimeout(10)
    return sock


def reuse_delay_can_be_set():
    """Whether there is tcp_tw_reuse_delay: Linux 6.14. Without it the delay is a second."""
    return os.path.exists("/proc/sys/net/ipv4/tcp_tw_reuse_delay")
