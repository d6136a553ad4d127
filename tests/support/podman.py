"""Runs the container image with podman, in a storage of its own and in the caller's network namespace."""

import subprocess
from contextlib import contextmanager
from pathlib import Path

from support.exposition import Exposition
from support.http_client import ask, connect
from support.waiting import wait_for

# As little as a container can be given. The two ulimits are not part of it: podman's defaults are more than the tests'
# caller may have.
LOCKED_DOWN = ("--cap-drop=all", "--read-only", "--security-opt=no-new-privileges", "--memory=64m", "--pids-limit=32",
               "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024")


class Podman:
    """`storage`: a folder for its images and containers."""

    def __init__(self, storage):
        # runc and not crun, which does not do with every mixture of cgroups.
        self._podman = ["podman", f"--root={storage}/root", f"--runroot={storage}/run", f"--tmpdir={storage}/tmp",
                        "--storage-driver=vfs", "--runtime=runc", "--cgroup-manager=cgroupfs", "--events-backend=file"]

    def call(self, *arguments):
        """A CompletedProcess with text output, whatever the exit code."""
        return subprocess.run([*self._podman, *map(str, arguments)], capture_output=True, text=True, timeout=120,
                              check=False)

    def ask(self, *arguments):
        """What it prints."""
        result = self.call(*arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def run(self, image, *arguments, network="host", options=()):
        """Runs the container to its end: a CompletedProcess."""
        return self.call("run", "--rm", f"--network={network}", *LOCKED_DOWN, *options, image, *arguments)

    @contextmanager
    def running(self, image, *arguments, options=()):
        """A Container that listens on port 10048; it is removed in the end."""
        name = self.ask("run", "--detach", "--network=host", *LOCKED_DOWN, *options, image, *arguments)
        try:
            container = Container(self, name)
            wait_for(lambda: "listening" in container.log())
            yield container
        finally:
            self.ask("rm", "--force", "--time=0", name)


class Container:
    """One that podman started."""

    def __init__(self, podman, name):
        self._podman, self._name = podman, name

    def log(self):
        return self._podman.call("logs", self._name).stderr

    def scrape(self):
        status, _, body = ask(connect("127.0.0.1", 10048), "/metrics", "GET", None)
        assert status == 200
        return Exposition(body.decode())

    def healthcheck(self):
        """The exit code of the image's own health check, run in the container."""
        return self._podman.call("healthcheck", "run", self._name).returncode

    def process_id(self):
        return int(self._podman.ask("inspect", "--format={{.State.Pid}}", self._name))

    def process_status(self):
        """{field: value} of /proc/PID/status."""
        lines = Path(f"/proc/{self.process_id()}/status").read_text(encoding="ascii").splitlines()
        return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}

    def memory_limit(self):
        """Bytes."""
        return int(self._podman.ask("stats", "--no-stream", "--format={{.MemLimit}}", self._name))

    def stop(self, seconds):
        """Its exit code: 137 if SIGTERM did not end it in time."""
        self._podman.ask("stop", f"--time={seconds}", self._name)
        return int(self._podman.ask("inspect", "--format={{.State.ExitCode}}", self._name))
