"""The two nginx servers: in front of Tomcat, as Elastic Beanstalk configures it, and the API's."""

import re

from support import nginx
from support.beanstalk import BUNDLES

_WITHOUT_PORT = re.compile(r"connect\(\) to \S+ failed \(99: Cannot assign requested address\)")

_API = """worker_processes 1;
error_log {directory}/error.log;
pid {directory}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    {temporary_files}
    server {{
        listen {address}:443 ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{ return 200 "accepted\\n"; }}
    }}
}}
"""


def api_configuration(directory, address, certificate, key):
    """Writes it; the path of nginx.conf."""
    directory.mkdir()
    file = directory / "nginx.conf"
    file.write_text(_API.format(directory=directory, address=address, certificate=certificate, key=key,
                                temporary_files=nginx.temporary_files(directory)))
    return file


class Front:
    """The default of Elastic Beanstalk's platform for Tomcat, or with the project's bundle, which keeps connections."""

    def __init__(self, directory, keeps):
        bundles = (BUNDLES / "java", BUNDLES / "tomcat") if keeps else ()
        self.configuration = nginx.beanstalk_default(directory, 8080, *bundles)
        self._directory = directory
        (directory / "conf.d/lab.conf").write_text("log_format lab '$msec $status';\n")
        (directory / "conf.d/elasticbeanstalk/lab.conf").write_text(f"access_log {directory}/access.log lab;\n")

    def answers(self):
        """[(Unix time, status)] so far; without the last line if it is still being written."""
        lines, _, _ = (self._directory / "access.log").read_text().rpartition("\n")
        return [(float(at), int(status)) for at, status in map(str.split, lines.splitlines())]

    def without_port(self):
        """How often connect() found no port, by the error log."""
        return len(_WITHOUT_PORT.findall((self._directory / "error.log").read_text()))
