"""A service manager that only listens: what a daemon tells systemd, by sd_notify(3)."""

import os
import socket
import time


class ServiceManager:
    """A context manager. `environment` is for the daemon; `watchdog`: seconds, if it is to have one."""

    def __init__(self, directory, watchdog=None):
        self._path = f"{directory}/notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self._path)
        self.environment = {**os.environ, "NOTIFY_SOCKET": self._path}
        if watchdog:
            self.environment["WATCHDOG_USEC"] = str(int(watchdog * 1e6))
        self.messages = []

    def receive(self, timeout):
        """The next message; None if none comes in time."""
        self._socket.settimeout(timeout)
        try:
            self.messages.append(self._socket.recv(4096).decode())
        except TimeoutError:
            return None
        return self.messages[-1]

    def wait_for(self, beginning, timeout=15):
        """The next message that begins so."""
        deadline = time.monotonic() + timeout
        while message := self.receive(max(0.001, deadline - time.monotonic())):
            if message.startswith(beginning):
                return message
        raise AssertionError(f"never said {beginning!r}: {self.messages}")

    def received_in(self, seconds):
        """All that comes in that time."""
        deadline, messages = time.monotonic() + seconds, []
        while (left := deadline - time.monotonic()) > 0:
            messages.append(self.receive(left))
        return [message for message in messages if message is not None]

    def drain(self):
        """Forgets what has come and was not read."""
        self._socket.setblocking(False)
        try:
            while True:
                self._socket.recv(4096)
        except BlockingIOError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
        os.unlink(self._path)
