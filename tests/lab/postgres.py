"""Debian's PostgreSQL 15, with a database that is made for the lab."""

import signal
import socket
import subprocess

from support.prometheus import tool
from support.waiting import wait_for

PORT = 5432

# It refuses to be root's; in a user namespace of its own it is nobody's, and no user of the system is needed.
_NOBODY = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]


class Postgres:
    """A context manager. `address`: where it listens. Its data end with the mount namespace, which is to be the phase's."""

    def __init__(self, directory, address):
        self._address = address, PORT
        data = directory / "database"
        data.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "none", str(data)], check=True, timeout=20)
        subprocess.run([*_NOBODY, tool("initdb"), f"--pgdata={data}", "--username=shop", "--auth=trust", "--no-sync",
                        "--no-locale"], check=True, timeout=120, stdout=subprocess.DEVNULL)
        with open(data / "pg_hba.conf", "a", encoding="ascii") as rules:
            rules.write("host all all all trust\n")
        with open(directory / "postgres.log", "wb") as log:
            self.process = subprocess.Popen(
                [*_NOBODY, tool("postgres"), "-D", str(data), "-c", f"listen_addresses={address}",
                 "-c", "unix_socket_directories=", "-c", "dynamic_shared_memory_type=mmap", "-c", "fsync=off"],
                stdout=log, stderr=subprocess.STDOUT)
        wait_for(self._listens, timeout=60)

    def _listens(self):
        assert self.process.poll() is None, "PostgreSQL has ended"
        with socket.socket() as probe:
            return probe.connect_ex(self._address) == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)  # without waiting for its clients
        self.process.wait(timeout=30)
