"""A small DNS server whose answers a test can change: dnsmasq with one name."""

import re
import shutil
import signal
import subprocess
from pathlib import Path

from support.sandbox import replace_file
from support.waiting import wait_for

HOST = "orders.example.internal"
TTL = 1


class NameServer:
    """Answers at 127.0.0.1, port 53 of this network namespace; a context manager that stops it."""

    def __init__(self, directory, *addresses):
        self._directory = directory
        self._hosts = directory / "hosts"
        self._resolv_conf = directory / "resolv.conf"
        self._resolv_conf.write_text("nameserver 127.0.0.1\noptions attempts:1 timeout:1\n")
        self.answer(*addresses)
        self.process = None
        self.start()

    def start(self):
        program = shutil.which("dnsmasq") or "/usr/sbin/dnsmasq"
        self.process = subprocess.Popen(
            [program, "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--no-daemon",
             "--port=53", "--listen-address=127.0.0.1", "--bind-interfaces", f"--local-ttl={TTL}",
             "--local=/internal/", f"--addn-hosts={self._hosts}", f"--pid-file={self._directory}/pid"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)

    def answer(self, *addresses):
        self._hosts.write_text("".join(f"{address} {HOST}\n" for address in addresses))

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def in_use(self):
        """For preexec_fn: this server is the one that the process asks."""
        replace_file("/etc/resolv.conf", self._resolv_conf)

    def wait_until_it_answers(self):
        wait_for(lambda: re.search(r"^ *\d+: 0100007F:0035 ", Path("/proc/net/udp").read_text(), re.MULTILINE))

    def __enter__(self):
        self.wait_until_it_answers()
        return self

    def __exit__(self, *_):
        self.stop()
