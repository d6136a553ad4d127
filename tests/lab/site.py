"""The site: what runs on the machines of the lab."""

import contextlib
import pathlib
import subprocess

from lab import web
from lab.postgres import Postgres
from lab.tomcat import Tomcat
from support.certificates import Authority
from support.exporter import Daemon
from support.nginx import Nginx

_EXPORTER = 10048
_CONFIGURATION = pathlib.Path(__file__).with_name("exporter.yml")
_PASSWORD = "changeit"  # Java's own default for a store of what is public


def _trust_store(directory, authority):
    """A Java trust store with that one authority."""
    store = directory / "trust.p12"
    subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "lab", "-file", str(authority.certificate),
                    "-keystore", str(store), "-storepass", _PASSWORD], check=True, timeout=60, capture_output=True)
    return {"javax.net.ssl.trustStore": store, "javax.net.ssl.trustStorePassword": _PASSWORD}


class Site:
    """A context manager, up when it is entered. `phase`: of a scene; `ports`: of the host; `webapp`: Tomcat's."""

    def __init__(self, network, phase, ports, webapp, directory):
        self._network, self._phase, self._webapp, self._directory = network, phase, webapp, directory
        self.url = f"http://{network.host.address}/"
        self.exporter = f"{network.host.address}:{_EXPORTER}"
        network.host.sysctl("ipv4.ip_local_port_range", f"40000 {39999 + ports}")
        network.host.sysctl("ipv4.tcp_tw_reuse", phase.tw_reuse)
        self._running = contextlib.ExitStack()

    def _start(self, machine, make, *arguments):
        with machine.entered():
            return self._running.enter_context(make(*arguments))

    def _start_database(self):
        """The application's properties for it."""
        address = self._network.database.address
        self._start(self._network.database, Postgres, self._directory, address)
        return {"shop.database": f"jdbc:postgresql://{address}/postgres?user=shop"}

    def _start_api(self):
        """The application's properties for it."""
        address = self._network.api.address
        authority = Authority(self._directory / "tls")
        certificate = authority.issue("api", names=f"IP:{address}")
        file = web.api_configuration(self._directory / "api", address, *certificate)
        self._start(self._network.api, Nginx, file, address, 443)
        return {"shop.api": f"https://{address}/", **_trust_store(self._directory, authority)}

    def _start_all(self):
        host = self._network.host
        backend = self._phase.backend
        properties = {"shop.backend": backend}
        if backend in ("connection-per-query", "connection-pool"):
            properties |= self._start_database()
        if backend in ("connection-per-call", "kept-connections"):
            properties |= self._start_api()
        self.tomcat = self._start(host, Tomcat, self._directory / "tomcat", self._webapp, host.address, properties)
        self.front = web.Front(self._directory / "front", self._phase.proxy_keeps)
        self._start(host, Nginx, self.front.configuration)
        with host.entered():
            self._running.enter_context(
                Daemon(f"--config.file={_CONFIGURATION}", listen=f"{host.address}:{_EXPORTER}"))

    def __enter__(self):
        with self._running:  # ends what has started if something does not
            self._start_all()
            self._running = self._running.pop_all()
        return self

    def __exit__(self, *_):
        self._running.close()
