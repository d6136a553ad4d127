"""The host of the soak: its network namespaces, its services, and the two exporters that are soaked."""

import contextlib
import fcntl
import pathlib
import re
import signal
import subprocess
import threading
import time

from soak import churn, services
from soak.worker import Worker
from support import netns, web_config
from support.certificates import Authority
from support.exporter import Daemon
from support.exposition import Exposition
from support.name_server import HOST, NameServer

NAMES = pathlib.Path("/run/netns")
INTERVAL_SECONDS = 0.1  # the shortest that a configuration may ask for
NAMESPACES = ("again", "app", "far", "passing")  # that the plain exporter polls besides its own
DATABASES = ("198.18.0.1", "198.18.0.2")
USER, PASSWORD = "prometheus", "correct horse battery staple"
_PIPE_BYTES = 4096  # the smallest, so that a reader of the log who stalls is noticed soon


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def in_namespace(name):
    with open(NAMES / name, "rb") as file, netns.entered(file):
        yield


def make_namespace(name):
    ip("netns", "add", name)
    ip("-netns", name, "link", "set", "lo", "up")


def _lay_network():
    """A cable to another machine, which has 65,536 addresses; and an application in a namespace of its own."""
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    for name in ("app", "far", "passing"):
        make_namespace(name)
    ip("link", "add", "wire0", "type", "veth", "peer", "name", "wire1", "netns", "far")
    ip("address", "add", f"{churn.HOST}/24", "dev", "wire0")
    ip("link", "set", "wire0", "up")
    ip("-netns", "far", "address", "add", "198.19.0.2/24", "dev", "wire1")
    ip("-netns", "far", "link", "set", "wire1", "up")
    ip("route", "add", "198.18.0.0/16", "via", "198.19.0.2")
    ip("-netns", "far", "route", "add", "local", "198.18.0.0/16", "dev", "lo")


def configuration(variant=0):
    """Of the plain exporter. The variants differ in names and limits, never in what is polled."""
    named = "".join(f"  - {{name: crowd-{variant}-{net}, match: [{{address: 198.18.{net}.0/24}}]}}\n"
                    for net in range(1, 1 + 2 * variant))
    return (f"poll: {{interval: {INTERVAL_SECONDS * 1000:.0f}ms, max_cpu: 100%}}\n"
            "peers:\n"
            f"  - {{name: db, match: [{{host: {HOST}, port: {churn.DATABASE_PORT}}}]}}\n"
            f"  - {{name: loop, match: [{{address: 127.0.0.1, port: {churn.LOOP_PORT}}}, "
            f"{{address: '::1', port: {churn.LOOP_PORT}}}]}}\n"
            f"{named}"
            f"listeners: [{{name: web, match: [{{port: {churn.WEB_PORT}}}]}}]\n"
            f"discovery: {{max_peers: {5 + 3 * variant}}}\n"
            "network_namespaces:\n"
            "  - {name: again, path: /proc/self/ns/net}\n"  # the same tables once more in each round
            + "".join(f"  - {{name: {name}, path: {NAMES / name}}}\n" for name in NAMESPACES[1:])
            + "  - {discover: true, max: 8}\n")


class Log:
    """Reads what an exporter writes on stderr, unless it is told to stall."""

    def __init__(self, stream):
        fcntl.fcntl(stream, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self.lines = []
        self._goes_on = threading.Event()
        self._goes_on.set()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        for line in stream:
            self.lines.append(line)
            self._goes_on.wait()

    def stall(self):
        self._goes_on.clear()

    def go_on(self):
        self._goes_on.set()

    def errors(self):
        return [line for line in self.lines if "level=error" in line]


class Soaked:
    """An exporter, and how to ask it."""

    def __init__(self, name, daemon, config, headers, namespaces):
        self.name, self.daemon, self.config, self.headers, self.namespaces = name, daemon, config, headers, namespaces
        self.pid = daemon.process.pid
        self.log = Log(daemon.process.stderr)
        self.polling_thread = self._find_polling_thread()

    def scrape(self):
        status, _, body = self.daemon.get(headers=self.headers)
        assert status == 200, status
        return Exposition(body.decode())

    def signal(self, number=signal.SIGHUP):
        self.daemon.process.send_signal(number)

    def configure(self, text):
        """Puts a file in place at once."""
        new = self.config.with_suffix(".new")
        new.write_text(text)
        new.replace(self.config)

    def _find_polling_thread(self):
        """While nobody asks anything, it is the one that uses the CPU."""
        def used():
            return {thread: cpu_ns_of_thread(self.pid, thread) for thread in threads(self.pid)}

        before = used()
        time.sleep(1)
        return max(before, key=lambda thread: used()[thread] - before[thread])

    def stop(self):
        """Its exit code."""
        self.signal(signal.SIGTERM)
        return self.daemon.process.wait(timeout=20)


def threads(pid):
    return sorted(int(entry.name) for entry in pathlib.Path(f"/proc/{pid}/task").iterdir())


def cpu_ns_of_thread(pid, thread):
    return int(pathlib.Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()[0])


class Site:
    """All of it, and the calling process in it; a context manager.

    `directory` keeps configurations and certificates.
    """

    def __init__(self, directory):
        self.directory = directory
        self.authority = Authority(directory / "tls")
        netns.enter_fresh()
        # A FIN that is sent once more is answered by the one in TIME_WAIT, and that by a reset, which would end it before
        # anybody could count it.
        netns.sysctl("ipv4.tcp_rfc1337", 1)
        self.name_server = NameServer(directory, DATABASES[0])
        self.name_server.in_use()
        _lay_network()
        self._ends = contextlib.ExitStack()
        self.soaked = []

    def __enter__(self):
        with contextlib.ExitStack() as ends:
            ends.enter_context(self.name_server)
            self._start_services(ends)
            self.plain = self._start_plain(ends)
            self.secured = self._start_secured(ends)
            self.soaked = [self.plain, self.secured]
            self._ends = ends.pop_all()
        return self

    def __exit__(self, *failure):
        for each in self.soaked:
            each.log.go_on()
        return self._ends.__exit__(*failure)

    @staticmethod
    def _start_services(ends):
        loop = [("127.0.0.1", churn.LOOP_PORT), ("::1", churn.LOOP_PORT)]
        ends.enter_context(Worker(services.serve, churn.listeners(*loop, (churn.HOST, churn.WEB_PORT))))
        with in_namespace("app"):
            ends.enter_context(Worker(services.serve, churn.listeners(*loop)))
        with in_namespace("far"):
            ends.enter_context(Worker(services.serve, churn.listeners(
                ("0.0.0.0", churn.CROWD_PORT), ("0.0.0.0", churn.DATABASE_PORT))))

    def _start_plain(self, ends):
        config = self.directory / "plain.yml"
        config.write_text(configuration())
        daemon = ends.enter_context(Daemon(f"--config.file={config}", "--web.enable-lifecycle"))
        return Soaked("plain", daemon, config, {}, ("", *NAMESPACES))

    def _start_secured(self, ends):
        config = self.directory / "secured.yml"
        config.write_text(self.secured_configuration())
        self.write_web_configuration()
        daemon = ends.enter_context(Daemon(
            f"--config.file={config}", f"--web.config.file={self.directory / 'web.yml'}",
            tls=self.authority.trusted_by()))
        return Soaked("secured", daemon, config, web_config.basic(USER, PASSWORD), ("",))

    @staticmethod
    def secured_configuration(variant=0):
        return (f"poll: {{interval: {INTERVAL_SECONDS * 1000:.0f}ms, max_cpu: 100%}}\nheadroom: {{audit: true}}\n"
                f"peers: [{{name: loop, match: [{{port: {churn.LOOP_PORT}}}]}}]\n"
                f"discovery: {{max_peers: {10 + variant}}}\n")

    def write_web_configuration(self, certificate=None, **more):
        """With a new certificate, unless another is given."""
        web_config.write(self.directory / "web.yml",
                         tls_server_config=web_config.tls(*(certificate or self.authority.issue("server"))),
                         basic_auth_users={USER: web_config.bcrypt(PASSWORD, cost=8)}, **more)

    def configure_first(self):
        """As in the beginning."""
        self.plain.configure(configuration())
        self.secured.configure(self.secured_configuration())


def kernel_time_wait_entered():
    """TcpExt TW of the calling thread's network namespace."""
    text = pathlib.Path("/proc/thread-self/net/netstat").read_text(encoding="ascii")
    names, values = (line.split() for line in re.findall(r"^TcpExt: .*$", text, re.MULTILINE))
    return int(values[names.index("TW")])

