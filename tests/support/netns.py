"""Moves the calling process into a fresh network namespace, so that nothing of the host is touched."""

import contextlib
import ctypes
import fcntl
import os
import socket
import struct

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1

_libc = ctypes.CDLL(None, use_errno=True)


def _here():
    """That of the calling thread, as a number."""
    return os.stat("/proc/thread-self/ns/net").st_ino


_CALLERS = _here()  # of whoever runs the tests: the host's, usually


def _unshare(flags):
    if _libc.unshare(flags) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"unshare: {os.strerror(error)}")


def become_root_of_own_namespace():
    """For a user who is not root: root's rights, but only over namespaces made from here on."""
    if os.geteuid() == 0:
        return
    uid, gid = os.geteuid(), os.getegid()
    _unshare(_CLONE_NEWUSER)
    for name, content in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(content)


def enter_fresh():
    """A namespace with nothing but a loopback interface that is up."""
    _unshare(_CLONE_NEWNET)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(probe, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(probe, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def own():
    """That of the calling thread, as an open file; it lasts as long as the file is open."""
    return open("/proc/thread-self/ns/net", "rb")


def enter(namespace):
    """The calling thread goes on in the one of this open file, and so does what it starts."""
    if _libc.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"setns: {os.strerror(error)}")


@contextlib.contextmanager
def entered(namespace):
    """Meanwhile the calling thread is in it."""
    with own() as before:
        enter(namespace)
        try:
            yield
        finally:
            enter(before)


def sysctl(name, value=None):
    """Reads or writes /proc/sys/net/NAME of this namespace; writes none of the host's."""
    path = "/proc/sys/net/" + name.replace(".", "/")
    if value is not None:
        assert _here() != _CALLERS, f"{name} of the host is not for a test to change: enter_fresh() comes first"
        with open(path, "w", encoding="ascii") as file:
            file.write(f"{value}\n")
    with open(path, encoding="ascii") as file:
        return file.read().strip()
