"""A Debian 12 that boots in a container: systemd-nspawn. For root; needs no network but to make the first one."""

import contextlib
import os
import signal
import subprocess

import pytest

from support import netns
from support.rootfs import run, unpack
from support.waiting import wait_for


def _host_has_systemd():
    return os.path.isdir("/run/systemd/system")


def _cgroups(name):
    """Where a group of that name is to be made by hand: systemd would make one."""
    if _host_has_systemd():
        return []
    with open("/proc/mounts", encoding="ascii") as mounts:
        hierarchies = [line.split()[1] for line in mounts if " cgroup2 " in line or "name=systemd" in line]
    return [f"{hierarchy}/{name}" for hierarchy in hierarchies]


class Machine:
    """A context manager, up when it is entered. `root`: an empty folder for its files, as they are from outside.

    `packages` are there, besides systemd.
    """

    def __init__(self, root, packages):
        self.root = unpack("bookworm", root, ["systemd", "systemd-sysv", "dbus", *packages])
        self._name = f"timewait-test-{os.getpid()}"
        self._console = open(f"{root}.console", "w+", encoding="utf-8", errors="replace")
        self._container = subprocess.Popen(
            ["systemd-nspawn", f"--directory={root}", f"--machine={self._name}", "--boot",
             "--private-network", "--register=no", "--quiet", *([] if _host_has_systemd() else ["--keep-unit"])],
            stdin=subprocess.DEVNULL, stdout=self._console, stderr=subprocess.STDOUT, preexec_fn=self._move_to_cgroup)
        self._leader = None
        self._callers_network = netns.own()

    def __enter__(self):
        try:
            wait_for(self._is_up, timeout=180, pause=0.2)
        except AssertionError:
            self.__exit__()
            self._console.seek(0)
            pytest.fail("this machine cannot boot a container: " + self._console.read()[-2000:])
        return self

    def __exit__(self, *_):
        if self._leader and self._container.poll() is None:
            with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.kill(self._leader, signal.SIGRTMIN + 4)  # poweroff.target
                self._container.wait(timeout=60)
        if self._container.poll() is None:
            self._container.terminate()
            self._container.wait(timeout=20)
        netns.enter(self._callers_network)
        self._callers_network.close()
        run("rm", "-rf", self.root)
        for group in _cgroups(self._name):
            for folder, _, _ in os.walk(group, topdown=False):
                os.rmdir(folder)

    def _move_to_cgroup(self):
        """Containers in the same one would take each other's services for theirs."""
        for group in _cgroups(self._name):
            os.makedirs(group, exist_ok=True)
            with open(f"{group}/cgroup.procs", "w", encoding="ascii") as processes:
                processes.write(str(os.getpid()))

    def _find_leader(self):
        """Its first process. Another one prepares the container before."""
        with open(f"/proc/{self._container.pid}/task/{self._container.pid}/children", encoding="ascii") as children:
            return int((children.read().split() or [0])[0])

    def _is_up(self):
        assert self._container.poll() is None, "the container has ended"
        self._leader = self._find_leader()
        return self._leader and self.call("systemctl", "is-system-running").stdout.strip() in ("running", "degraded")

    def call(self, *command):
        """Runs it inside: a CompletedProcess with text output, whatever the exit code."""
        return subprocess.run(["nsenter", f"--target={self._leader}", "--all", "env", "-i", "PATH=/usr/sbin:/usr/bin",
                               "DEBIAN_FRONTEND=noninteractive", *map(str, command)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)

    def run(self, *command):
        """Runs it inside: what it prints. It is to succeed."""
        result = self.call(*command)
        assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
        return result.stdout.strip()

    def enter_network(self, path=None):
        """The caller's thread is in its network namespace until the end; `path`: in that of this file inside."""
        file = f"/proc/{self._leader}/root{path}" if path else f"/proc/{self._leader}/ns/net"
        with open(file, "rb") as namespace:
            netns.enter(namespace)


class Unit:
    """One of its units."""

    def __init__(self, machine, name):
        self._machine, self._name = machine, name

    def show(self, name):
        """A property."""
        return self._machine.run("systemctl", "show", f"--property={name}", "--value", self._name)

    def main_pid(self):
        """As it is numbered inside."""
        return int(self.show("MainPID"))

    def process_status(self):
        """{field: value} of /proc/PID/status."""
        text = self._machine.run("cat", f"/proc/{self.main_pid()}/status")
        return {name: value.strip() for name, value in (line.split(":", 1) for line in text.splitlines())}

    def journal(self):
        return self._machine.run("journalctl", "--no-pager", "--output=cat", f"--unit={self._name}")
