"""Debian's collectd with its plugin tcpconns alone, to compare with."""

import pathlib
import shutil
import subprocess

from support.waiting import wait_for

INTERVAL_SECONDS = 2
_CONFIG = """
BaseDir "{directory}"
PIDFile "{directory}/pid"
PluginDir "{files}"
TypesDB "{files}/types.db"
Interval {interval}
Hostname "host"
FQDNLookup false
LoadPlugin csv
<Plugin csv>
  DataDir "{directory}"
</Plugin>
LoadPlugin tcpconns
<Plugin tcpconns>
  ListeningPorts false
  AllPortsSummary true
</Plugin>
"""


class Collectd:
    """A running collectd that writes what it reads into files of `directory`; a context manager that stops it."""

    def __init__(self, directory):
        program = shutil.which("collectd")
        assert program, "run this through ./dev bench, which fetches collectd"
        self._directory = pathlib.Path(directory)
        config = self._directory / "collectd.conf"
        config.write_text(_CONFIG.format(directory=directory, interval=INTERVAL_SECONDS,
                                         files=pathlib.Path(program).parent), encoding="utf-8")
        self.process = subprocess.Popen([program, "-f", "-C", str(config)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait_for(self.time_wait_readings)

    def time_wait_readings(self):
        """How many TIME_WAIT sockets each of its readings found."""
        assert self.process.poll() is None, "collectd did not start"
        # A file for each day, each with a header.
        files = sorted(self._directory.glob("host/tcpconns-all/tcp_connections-TIME_WAIT-*"))
        lines = [line for file in files for line in file.read_text(encoding="ascii").splitlines()[1:]]
        return [int(float(line.split(",")[1])) for line in lines]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)
