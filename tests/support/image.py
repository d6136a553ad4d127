"""Builds the container image, and reads the archive that comes out."""

import hashlib
import io
import json
import re
import subprocess
import tarfile
from pathlib import Path

from support.project import PROJECT

NAME = "localhost/timewait_exporter"


def build(tree, base):
    """The path of the archive; `tree`: the project or a copy of it, `base`: what base() returned."""
    printed = _run([tree / "deploy/container/build", f"oci-archive:{base}"]).stdout
    return Path(printed.splitlines()[-1])


def base():
    """The path of an image of Debian 12 that has the packages of the build, so that the build needs no registry.

    It takes minutes to make, and is kept for the next time.
    """
    packages = ",".join(_packages_of_the_build())
    archive = PROJECT / f"build/image-base/{hashlib.sha256(packages.encode()).hexdigest()[:12]}.tar"
    if not archive.exists():
        _make_base(archive, packages)
    return archive


def _packages_of_the_build():
    text = (PROJECT / "dev").read_text(encoding="utf-8")
    return re.search(r"^build_packages='([^']+)'", text, re.MULTILINE).group(1).split()


def _make_base(archive, packages):
    folder = archive.parent
    storage, files, unfinished = folder / "storage", folder / "files.tar", archive.with_suffix(".new")
    folder.mkdir(parents=True, exist_ok=True)
    _run(["mmdebstrap", "--variant=minbase", f"--include={packages}", "bookworm", files])
    buildah = ["buildah", "--root", storage / "root", "--runroot", storage / "run", "--storage-driver", "vfs"]
    try:
        _run([*buildah, "build", "--isolation", "chroot", "--tag", "base", "--file", "-", folder],
             input=f"FROM scratch\nADD {files.name} /\n")
        _run([*buildah, "push", "base", f"oci-archive:{unfinished}"])
    finally:
        subprocess.run(["rm", "-rf", storage, files], check=True)
    unfinished.rename(archive)


def _run(command, **options):
    result = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result


class Archive:
    """An image in the format of `docker save`."""

    def __init__(self, path):
        with tarfile.open(path) as archive:
            manifest, = json.load(archive.extractfile("manifest.json"))
            self.names = manifest["RepoTags"]
            self.description = json.load(archive.extractfile(manifest["Config"]))
            # Layer upon layer, what lies in them; nothing is ever deleted by a later one here.
            self.files = [entry for layer in manifest["Layers"] for entry in _entries(archive, layer)]


def _entries(archive, layer):
    with tarfile.open(fileobj=io.BytesIO(archive.extractfile(layer).read())) as files:
        return files.getmembers()
