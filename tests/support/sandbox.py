"""Takes netlink away from a child process, as a sandbox does that forbids AF_NETLINK."""

import ctypes
import platform
import socket
import struct

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL_WITH = 0x7FFF0000, 0x00050000
_EAFNOSUPPORT = 97
_OFFSET_OF_NUMBER, _OFFSET_OF_FIRST_ARGUMENT = 0, 16
_SOCKET_SYSCALL = {"x86_64": 41, "aarch64": 198}


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def forbid_netlink():
    """For preexec_fn: socket(AF_NETLINK, ...) fails with EAFNOSUPPORT from here on."""
    instructions = b"".join(struct.pack("HBBI", *instruction) for instruction in (
        (_LOAD, 0, 0, _OFFSET_OF_NUMBER),
        (_JUMP_EQUAL, 0, 3, _SOCKET_SYSCALL[platform.machine()]),
        (_LOAD, 0, 0, _OFFSET_OF_FIRST_ARGUMENT),
        (_JUMP_EQUAL, 0, 1, socket.AF_NETLINK),
        (_RETURN, 0, 0, _FAIL_WITH | _EAFNOSUPPORT),
        (_RETURN, 0, 0, _ALLOW)))
    program = _Program(len(instructions) // 8, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    if (libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or
            libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0):
        raise OSError(ctypes.get_errno(), "seccomp")
