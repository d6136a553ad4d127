"""Takes system calls away from a child process, as a sandbox or an older kernel does."""

import ctypes
import errno
import platform
import socket
import struct

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL_WITH = 0x7FFF0000, 0x00050000
_OFFSET_OF_NUMBER, _OFFSET_OF_ARGUMENTS, _ARGUMENT_BYTES = 0, 16, 8
_SYSCALLS = {"x86_64": {"socket": 41, "setsockopt": 54}, "aarch64": {"socket": 198, "setsockopt": 208}}


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def forbid_netlink():
    """For preexec_fn: socket(AF_NETLINK, ...) fails from here on, as a sandbox makes it."""
    _fail("socket", {0: socket.AF_NETLINK}, errno.EAFNOSUPPORT)


def forbid_local_port_range():
    """For preexec_fn: IP_LOCAL_PORT_RANGE is unknown from here on, as before Linux 6.3."""
    _fail("setsockopt", {1: socket.IPPROTO_IP, 2: 51}, errno.ENOPROTOOPT)


def _fail(name, arguments, error):
    """The call fails with `error` where it has these arguments, {position: value}."""
    tests = [(_OFFSET_OF_NUMBER, _SYSCALLS[platform.machine()][name])]
    tests += [(_OFFSET_OF_ARGUMENTS + _ARGUMENT_BYTES * position, value)
              for position, value in arguments.items()]
    program = []
    for number, (offset, value) in enumerate(tests):
        to_allow = 2 * (len(tests) - number - 1) + 1  # over what follows, and over the failure
        program += [(_LOAD, 0, 0, offset), (_JUMP_EQUAL, 0, to_allow, value)]
    program += [(_RETURN, 0, 0, _FAIL_WITH | error), (_RETURN, 0, 0, _ALLOW)]
    _install(b"".join(struct.pack("HBBI", *instruction) for instruction in program), len(program))


def _install(instructions, count):
    program = _Program(count, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    if (libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or
            libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0):
        raise OSError(ctypes.get_errno(), "seccomp")
