"""Root file systems of Debian releases, to run packages in: made by mmdebstrap, kept for the next time."""

import hashlib
import subprocess

from support.project import PROJECT


def unpack(release, folder, packages=()):
    """Puts the release, with the essential packages and these, into the folder; returns it."""
    run("tar", "-x", "-f", _archive(release, packages), "-C", folder)
    return folder


def _archive(release, packages):
    names = ",".join(packages)
    archive = PROJECT / "build" / "rootfs" / f"{release}-{hashlib.sha256(names.encode()).hexdigest()[:12]}.tar"
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        unfinished = archive.with_suffix(".new.tar")
        include = [f"--include={names}"] if names else []
        run("mmdebstrap", "--variant=essential", *include, release, unfinished)
        unfinished.rename(archive)
    return archive


def files(folder):
    """What is there, but for what package managers write about what they did."""
    own = ("./var/lib/dpkg/", "./var/lib/rpm", "./var/log/", "./var/cache/")
    found = run("find", ".", "-printf", "%p %y %l\n", cwd=folder).splitlines()
    return {line for line in found if not line.startswith(own)}


def run(*command, **options):
    """Its output; fails with all it said if it fails."""
    result = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def in_root(root):
    """What to put before a command so that it runs in that root, with a proc there and nowhere else."""
    script = 'mount --bind /proc "$0/proc" && exec chroot "$0" "$@"'
    return ["unshare", "--mount", "sh", "-c", script, root]
