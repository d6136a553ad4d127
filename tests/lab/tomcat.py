"""Debian's Tomcat 10 with the application of application/."""

import os
import pathlib
import subprocess

from support.http_client import ask, connect
from support.waiting import wait_for

PORT = 8080
_HOME = pathlib.Path("/usr/share/tomcat10")
_SOURCES = pathlib.Path(__file__).parent / "application"
_JDBC_DRIVER = pathlib.Path("/usr/share/java/postgresql.jar")


def compile_application(directory):
    """Makes its webapp, with the compiler that Tomcat has for JSPs, so that no JDK is needed."""
    classes = directory / "WEB-INF/classes"
    libraries = ":".join(map(str, (_HOME / "lib").glob("*.jar")))
    subprocess.run(["java", "-cp", libraries, "org.eclipse.jdt.internal.compiler.batch.Main", "-17", "-proc:none",
                    "-warn:-serial", "-cp", libraries, "-d", str(classes), *map(str, _SOURCES.glob("*.java"))],
                   check=True, timeout=120)


class Tomcat:
    """A context manager. `webapp`: as compiled; `properties`: of the application."""

    def __init__(self, directory, webapp, address, properties):
        subprocess.run(["tomcat10-instance-create", str(directory)], check=True, timeout=20, stdout=subprocess.DEVNULL)
        (directory / "webapps").mkdir(exist_ok=True)
        (directory / "webapps/ROOT").symlink_to(webapp)
        if _JDBC_DRIVER.exists():
            (directory / "lib").mkdir(exist_ok=True)
            (directory / "lib" / _JDBC_DRIVER.name).symlink_to(_JDBC_DRIVER)
        options = " ".join(f"-D{name}={value}" for name, value in properties.items())
        with open(directory / "tomcat.log", "wb") as log:
            self.process = subprocess.Popen(
                [str(_HOME / "bin/catalina.sh"), "run"], stdout=log, stderr=subprocess.STDOUT,
                env={**os.environ, "CATALINA_HOME": str(_HOME), "CATALINA_BASE": str(directory), "LC_ALL": "C.UTF-8",
                     "JAVA_OPTS": f"-Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 {options}"})
        self._address = address
        wait_for(self.counters, timeout=120, pause=0.2)

    def counters(self):
        """What the application says of its requests: {name: number}; nothing while it does not answer."""
        assert self.process.poll() is None, "Tomcat has ended"
        try:
            status, _, body = ask(connect(self._address, PORT), "/counters", "GET", {"Connection": "close"})
        except OSError:
            return {}
        assert status == 200, body
        return {name: int(value) for name, value in (line.split() for line in body.decode().splitlines())}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)
