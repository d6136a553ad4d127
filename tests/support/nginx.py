"""A real nginx, as Elastic Beanstalk configures it: a default, and over it the files of a bundle's .platform/nginx."""

import shutil
import socket
import subprocess

from support.waiting import wait_for

# In the shape of Elastic Beanstalk's own, as far as it matters for what is included from it.
_MAIN = """worker_processes 1;
error_log {directory}/error.log;
pid {directory}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_max_body_size 100m;
    {temporary_files}
    include conf.d/*.conf;
    map $http_upgrade $connection_upgrade {{ default "upgrade"; }}
    server {{
        listen 80 default_server;
        include conf.d/elasticbeanstalk/*.conf;
    }}
}}
"""
_DEFAULT_APPLICATION = """location / {{
    proxy_pass http://127.0.0.1:{port};
    proxy_http_version 1.1;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Host $host;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
}}
"""


def temporary_files(directory):
    """For the http block: nginx keeps them here, and not where Debian's package would have made room for them."""
    return " ".join(f"{name}_temp_path {directory}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))


def beanstalk_default(directory, port, *bundles):
    """Writes the default for an application on `port`, and over it what these bundles bring. The path of nginx.conf."""
    locations = directory / "conf.d/elasticbeanstalk"
    locations.mkdir(parents=True)
    (directory / "nginx.conf").write_text(_MAIN.format(directory=directory, temporary_files=temporary_files(directory)))
    (locations / "00_application.conf").write_text(_DEFAULT_APPLICATION.format(port=port))
    for bundle in bundles:
        shutil.copytree(bundle / ".platform/nginx", directory, dirs_exist_ok=True)
    return directory / "nginx.conf"


# In one process: it would give its workers another user, which needs users that a test may not have.
_AS_IT_IS = "user root; daemon off; master_process off;"


def _nginx(file, *arguments):
    program = shutil.which("nginx")
    assert program, "nginx is not in PATH: run the tests through ./dev test, which fetches it"
    return [program, "-p", str(file.parent), "-c", str(file), "-g", _AS_IT_IS, *arguments]


def check(file):
    """What `nginx -t` does: (whether the configuration is sound, what it says)."""
    result = subprocess.run(_nginx(file, "-t"), capture_output=True, text=True, timeout=60, check=False)
    return result.returncode == 0, result.stderr


class Nginx:
    """Runs it; a context manager that stops it. `address`, `port`: where it listens, as its configuration has it."""

    def __init__(self, file, address="127.0.0.1", port=80):
        self.address = address, port
        sound, said = check(file)
        assert sound, said
        assert "[warn]" not in said, said
        self.process = subprocess.Popen(_nginx(file), stderr=subprocess.DEVNULL)
        wait_for(self._listens)

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(self.address) == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)
