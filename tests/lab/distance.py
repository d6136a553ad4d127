"""A long way between two machines. Without it the other end reacts to the last bytes of a connection before this end
has closed it, as no server on the Internet does, and has the TIME_WAIT.

tc's netem would do it, but is a module that not every kernel has.
"""

import collections
import ctypes
import fcntl
import select
import socket
import struct
import threading
import time

_ETH_P_ALL = 3
_SOL_PACKET, _PACKET_IGNORE_OUTGOING = 263, 23
_SIOCETHTOOL, _ETHTOOL_STXCSUM = 0x8946, 0x17
_LARGEST_FRAME = 65536


def complete_checksums(interface):
    """Frames leave it with checksums, and no larger than its MTU: else who copies them would copy half-made ones."""
    command = bytearray(struct.pack("II", _ETHTOOL_STXCSUM, 0))
    address = (ctypes.c_char * len(command)).from_buffer(command)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCETHTOOL, struct.pack("16sP", interface.encode(), ctypes.addressof(address)))


def _open(interface):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
    end.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
    end.bind((interface, 0))
    return end


def join(interface, other, seconds):
    """From now on what comes in at one of these interfaces of the caller's namespace leaves by the other, later."""
    ends = _open(interface), _open(other)
    threading.Thread(target=_carry, args=(ends, seconds), daemon=True).start()


def _carry(ends, seconds):
    across = dict(zip(ends, reversed(ends)))
    on_the_way = collections.deque()  # (when it arrives, the end it leaves through, frame)
    while True:
        wait = max(0, on_the_way[0][0] - time.monotonic()) if on_the_way else None
        for end in select.select(ends, [], [], wait)[0]:
            on_the_way.append((time.monotonic() + seconds, across[end], end.recv(_LARGEST_FRAME)))
        while on_the_way and on_the_way[0][0] <= time.monotonic():
            _, end, frame = on_the_way.popleft()
            end.send(frame)
