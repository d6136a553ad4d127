"""System calls by their numbers, which differ by machine, and what a thread is in."""

import platform

_NUMBERS = {"x86_64": {"openat": 257, "recvmsg": 47, "clock_nanosleep": 230},
            "aarch64": {"openat": 56, "recvmsg": 212, "clock_nanosleep": 115}}


def is_in(call, thread):
    """Whether the thread, by its number, stands in this system call."""
    with open(f"/proc/{thread}/syscall", encoding="ascii") as now:
        return now.read().split()[0] == str(_NUMBERS[platform.machine()][call])
