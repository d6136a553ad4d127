"""Takes system calls or files away from a child process, as a sandbox or an older kernel does."""

import ctypes
import errno
import os
import pathlib
import platform
import shutil
import socket
import stat
import struct

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_CLONE_NEWNS = 0x00020000
_PR_CAPBSET_READ, _PR_CAPBSET_DROP, _CAP_SYS_ADMIN = 23, 24, 21
_NOBODY = 65534
_NETLINK_SOCK_DIAG, _UNAME26 = 4, 0x00020000
_IPV4_SYSCTLS = pathlib.Path("/proc/sys/net/ipv4")
_MS_RDONLY, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 4096, 16384, 1 << 18
_LOAD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL_WITH = 0x7FFF0000, 0x00050000
_OFFSET_OF_NUMBER, _OFFSET_OF_ARGUMENTS, _ARGUMENT_BYTES = 0, 16, 8
_SYSCALLS = {"x86_64": {"socket": 41, "recvmsg": 47, "setsockopt": 54},
             "aarch64": {"socket": 198, "recvmsg": 212, "setsockopt": 208}}


_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def forbid_netlink():
    """For preexec_fn: socket(AF_NETLINK, ...) fails from here on, as a sandbox makes it."""
    _fail("socket", {0: socket.AF_NETLINK}, errno.EAFNOSUPPORT)


def leave_out_sock_diag():
    """For preexec_fn: netlink has no sock_diag from here on, as in a kernel without CONFIG_INET_DIAG."""
    _fail("socket", {0: socket.AF_NETLINK, 2: _NETLINK_SOCK_DIAG}, errno.EPROTONOSUPPORT)


def leave_out_ipv6():
    """For preexec_fn: there are no sockets of IPv6 from here on, as after ipv6.disable=1."""
    _fail("socket", {0: socket.AF_INET6}, errno.EAFNOSUPPORT)


def forbid_local_port_range():
    """For preexec_fn: IP_LOCAL_PORT_RANGE is unknown from here on, as before Linux 6.3."""
    _fail("setsockopt", {1: socket.IPPROTO_IP, 2: 51}, errno.ENOPROTOOPT)


def fail_to_receive(error):
    """For preexec_fn: recvmsg(), which reads dumps, fails with `error` from here on."""
    _fail("recvmsg", {}, error)


def drop_sys_admin():
    """For preexec_fn: what is executed has not CAP_SYS_ADMIN, even if it is root."""
    _drop_capability(_CAP_SYS_ADMIN)


def drop_all_rights():
    """For preexec_fn: what is executed has no capability; it is nobody's, unless there is only one user here."""
    capability = 0
    while _libc.prctl(_PR_CAPBSET_READ, capability, 0, 0, 0) >= 0:
        _drop_capability(capability)
        capability += 1
    with open("/proc/self/uid_map", encoding="ascii") as uid_map:
        first_user, _, users = map(int, uid_map.readline().split())
    if first_user <= _NOBODY < first_user + users:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


def _drop_capability(capability):
    if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def call_the_kernel_old():
    """For preexec_fn: uname(2) says a release of 2.6 from here on."""
    if _libc.personality(_UNAME26) < 0:
        raise OSError(ctypes.get_errno(), "personality")


def leave_out_sysctl(name):
    """For preexec_fn: no /proc/sys/net/ipv4/NAME, as in a kernel without; the others have the values of the moment."""
    kept = {file.name: file.read_bytes() for file in _IPV4_SYSCTLS.iterdir()
            if file.is_file() and file.stat().st_mode & stat.S_IRUSR and file.name != name}
    _private_mounts()
    _mount("none", str(_IPV4_SYSCTLS), "tmpfs", 0, "")
    for each, value in kept.items():
        (_IPV4_SYSCTLS / each).write_bytes(value)


def hide_sysctls():
    """For preexec_fn: no /proc/sys, as in a mount of proc with subset=pid."""
    _private_mounts()
    _mount("none", "/proc/sys", "tmpfs", 0, "")


def replace_file(path, replacement):
    """For preexec_fn: another content of a file, for this process and its children alone."""
    _private_mounts()
    if not os.path.exists(path):  # nothing to mount it over: then it is alone in its folder
        _mount("none", os.path.dirname(path), "tmpfs", 0, "")
        shutil.copyfile(replacement, path)
        return
    _mount(str(replacement), path, "", _MS_BIND, "")


def replace_folder(path, replacement):
    """For preexec_fn: another folder in its place, for this process and its children alone."""
    _private_mounts()
    _mount(str(replacement), path, "", _MS_BIND, "")


def make_folder_read_only(path):
    """For preexec_fn: an empty folder in its place, in which nothing can be written."""
    _private_mounts()
    _mount("none", path, "tmpfs", _MS_RDONLY, "")


def _private_mounts():
    if _libc.unshare(_CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    _mount("none", "/", "", _MS_REC | _MS_PRIVATE, "")


def _mount(source, target, kind, flags, options):
    if _libc.mount(source.encode(), target.encode(), kind.encode(), flags, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


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
    if (_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or
            _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0):
        raise OSError(ctypes.get_errno(), "seccomp")
