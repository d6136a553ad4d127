"""An instance of Elastic Beanstalk as far as hooks see one: their working directory, folders of the system, and commands
that are recorded instead of run."""

import os
import shutil
import subprocess

from support import exporter, sandbox
from support.project import PROJECT

BUNDLES = PROJECT / "deploy/elasticbeanstalk"

# What hooks may use besides the commands below: coreutils that Amazon Linux has.
_TOOLS = ("cat", "chmod", "dirname", "mkdir", "mktemp", "mv", "rm", "sh", "sleep", "touch")

# Folders of the system that are the instance's own.
_FOLDERS = ("/etc", "/opt", "/run", "/usr/share/doc")

# A limit holds as it says, but for the command that hangs. LIMITED is the command that stands under one.
_TIMEOUT = """#!/bin/sh
case $1 in --kill-after=5 | --kill-after=10) ;; *) false ;; esac || { echo "unexpected: timeout $*" >&2; exit 125; }
seconds=$2
shift 2
[ "$1" != "$HANGS" ] || seconds=1
export LIMITED="$1"
exec /usr/bin/timeout --kill-after=1 "$seconds" "$@"
"""

_RECORDED = """#!/bin/sh
name=${0##*/}
[ "$LIMITED" = "$name" ] || echo "$name without a limit" >>"$RECORDS/calls"
echo "$name $*" >>"$RECORDS/calls"
if [ "$HANGS" = "$name" ]; then
  trap '' TERM
  sleep 1000
fi
"""

# An RPM is a file that holds its own name.
_RPM = _RECORDED + """
for file in "$@"; do :; done
case $1 in
  -qp) [ -s "$file" ] && printf %s "$(cat "$file")" ;;
  -q) [ -f "$RECORDS/installed" ] && [ "$(cat "$RECORDS/installed")" = "$file" ] ;;
  -U)
    [ -z "$RPM_FAILS" ] || exit 1
    cat "$file" >"$RECORDS/installed"
    mv "$RECORDS/program" "$RECORDS/commands/timewait_exporter" 2>/dev/null || :
    mkdir -p /usr/share/doc/timewait-exporter/examples/drop-ins
    mv "$RECORDS/log-file.conf" /usr/share/doc/timewait-exporter/examples/drop-ins 2>/dev/null || :
    ;;
esac
"""

_SYSTEMCTL = _RECORDED + """
case " $SYSTEMCTL_FAILS " in *" $1 "*) exit 1 ;; esac
"""


class BeanstalkInstance:
    """`folders` of deploy/elasticbeanstalk, copied together, are what is deployed to it."""

    def __init__(self, directory, *folders):
        self.directory = directory
        self.staging = directory / "staging"
        for folder in folders:
            shutil.copytree(BUNDLES / folder, self.staging, dirs_exist_ok=True)
        self.root = directory / "root"
        for folder in _FOLDERS:
            (self.root / folder[1:]).mkdir(parents=True)
        self.commands = directory / "commands"
        self.commands.mkdir()
        for tool in _TOOLS:
            (self.commands / tool).symlink_to(shutil.which(tool))
        for name, script in (("timeout", _TIMEOUT), ("rpm", _RPM), ("systemctl", _SYSTEMCTL)):
            self.replace_command(name, script)
        # What the RPM brings.
        (directory / "program").symlink_to(exporter.binary())
        shutil.copy(PROJECT / "systemd/drop-ins/log-file.conf", directory)

    def replace_command(self, name, script):
        (self.commands / name).write_text(script)
        (self.commands / name).chmod(0o755)

    def run_hook(self, hook, read_only=(), **environment):
        """(what it said, commands that it ran). A hook must succeed, whatever happens."""
        records = self.directory / "calls"
        records.write_text("")

        def before():
            for folder in _FOLDERS:
                if folder in read_only:
                    sandbox.make_folder_read_only(folder)
                else:
                    sandbox.replace_folder(folder, self.root / folder[1:])

        clean = {"PATH": str(self.commands), "RECORDS": str(self.directory), "HANGS": "", "LIMITED": "", "RPM_FAILS": "",
                 "SYSTEMCTL_FAILS": "", "LC_ALL": "C"}
        result = subprocess.run(["sh", f".platform/{hook}"], cwd=self.staging, env=clean | environment, preexec_fn=before,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
        assert result.returncode == 0, result.stdout
        return result.stdout, records.read_text().splitlines()

    def path(self, path):
        """Where it is in truth."""
        return self.root / path.lstrip("/")

    def file(self, path):
        """The text of a file on the instance, or None."""
        return self.path(path).read_text() if self.path(path).exists() else None

    def files(self):
        """Every file below /etc and /opt."""
        return sorted("/" + os.path.relpath(path, self.root)
                      for name in ("etc", "opt") for path in (self.root / name).rglob("*") if path.is_file())
