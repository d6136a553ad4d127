"""The exporter as a service of a booted machine."""

from support.exposition import Exposition
from support.http_client import ask, connect
from support.machine import Unit
from support.project import PROJECT

NAME, PORT = "timewait_exporter.service", 10048
_DROP_INS = f"/run/systemd/system/{NAME}.d"


class Service(Unit):
    """Its unit. The caller is in the network namespace of the machine."""

    def __init__(self, machine):
        super().__init__(machine, NAME)
        self.machine = machine
        self.config = machine.root / "etc/timewait_exporter/config.yml"

    def systemctl(self, verb, *more):
        return self.machine.run("systemctl", verb, *more, NAME)

    def start_with(self, *drop_ins, **texts):
        """Anew, with these of the project's drop-ins, and those of the texts."""
        contents = {name: (PROJECT / f"systemd/drop-ins/{name}.conf").read_text() for name in drop_ins} | texts
        for name, text in contents.items():
            # /run is inside alone.
            self.machine.run("mkdir", "-p", _DROP_INS)
            self.machine.run("sh", "-c", f'printf %s "$1" >{_DROP_INS}/{name}.conf', "sh", text)
        self.machine.run("systemctl", "daemon-reload")
        self.systemctl("restart")

    def reset(self, config):
        self.machine.call("systemctl", "stop", "timewait_exporter.socket")
        self.machine.run("rm", "-rf", _DROP_INS)
        self.config.write_text(config)
        self.machine.run("systemctl", "daemon-reload")
        self.systemctl("restart")

    def scrape(self, tls=None, **headers):
        status, _, body = ask(connect("127.0.0.1", PORT, tls), "/metrics", "GET", headers)
        assert status == 200
        return Exposition(body.decode())

    def kill(self, signal):
        self.machine.run("systemctl", "kill", "--kill-whom=main", f"--signal={signal}", NAME)

    def restarts(self):
        return int(self.show("NRestarts"))
