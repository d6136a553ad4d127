"""Keeps one thread of a process from going on, in the middle of what it does: ptrace(2)."""

import contextlib
import ctypes
import os
import signal

from support.system_calls import is_in

_SEIZE, _INTERRUPT, _SYSCALL, _DETACH = 0x4206, 0x4207, 24, 17
_TRACESYSGOOD = 1
_WALL = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def _ptrace(request, thread, data=0):
    if _libc.ptrace(request, thread, None, data) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


@contextlib.contextmanager
def held_in(call, pid, provoke=lambda: None):
    """Meanwhile the first thread of the process that makes this system call after provoke() stands still."""
    threads = {int(thread) for thread in os.listdir(f"/proc/{pid}/task")}
    for thread in threads:
        _ptrace(_SEIZE, thread, _TRACESYSGOOD)
        _ptrace(_INTERRUPT, thread)
    provoke()
    held = _first_to_call(call)
    for thread in threads - {held}:
        _ptrace(_INTERRUPT, thread)
        os.waitpid(thread, _WALL)
        _ptrace(_DETACH, thread)
    try:
        yield
    finally:
        _ptrace(_DETACH, held)


def _first_to_call(call):
    while True:
        thread, status = os.waitpid(-1, _WALL)
        assert os.WIFSTOPPED(status), "the process has ended"
        if os.WSTOPSIG(status) == signal.SIGTRAP | 0x80 and is_in(call, thread):
            return thread
        _ptrace(_SYSCALL, thread)
