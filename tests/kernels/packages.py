"""Debian's kernels, fetched and unpacked, not installed: of any release, whichever the machine has.

apt-get gets a configuration, lists and a cache of its own for each release, so that the machine's stay as they are.
"""

import re
import shutil
import subprocess

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# An image of late is only a name for packages that hold its parts.
PARTS = re.compile(r"linux-(image|binary|modules)-\d")


def kernel(release, folder):
    """(vmlinuz, the folder of its modules, its version), of this release; what is in `folder` is not fetched again."""
    root = folder / "root"
    if not root.exists():
        unfinished = folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        apt = Apt(release, folder)
        for package in apt.parts("linux-image-amd64"):
            _unpack(apt.download(package), unfinished, "*/boot/vmlinuz-*", "*/lib/modules/*")
        _index_modules(unfinished)
        unfinished.rename(root)
    modules = _modules(root)
    return root / "boot" / f"vmlinuz-{modules.name}", modules, modules.name


def busybox(release, folder):
    """A busybox that needs no library."""
    program = folder / "busybox" / "bin" / "busybox"
    if not program.exists():
        (folder / "busybox").mkdir(parents=True, exist_ok=True)
        _unpack(Apt(release, folder).download("busybox-static"), folder / "busybox", "*/bin/busybox")
    return program


class Apt:
    def __init__(self, release, folder):
        self._options, self._packages = [], folder / "packages"
        state, sources = folder / "apt", folder / "apt" / "sources.list"
        for each in (state / "lists" / "partial", state / "cache" / "archives" / "partial", self._packages):
            each.mkdir(parents=True, exist_ok=True)
        sources.write_text(f"deb [arch=amd64 signed-by={KEYRING}] {_mirror()} {release} main\n", encoding="ascii")
        for name, value in (("Dir::Etc::SourceList", sources), ("Dir::Etc::SourceParts", "-"),
                            ("Dir::State::Lists", state / "lists"), ("Dir::Cache", state / "cache"),
                            ("APT::Sandbox::User", "root"), ("APT::Architecture", "amd64"),
                            ("Acquire::Languages", "none")):
            self._options += ["-o", f"{name}={value}"]
        self._run("apt-get", "update")

    def parts(self, package):
        """The packages that the kernel's package consists of."""
        found = []
        for name in re.findall(r"^  Depends: (\S+)", self._run("apt-cache", "depends", package), re.MULTILINE):
            if PARTS.match(name):
                found += [name, *self.parts(name)]
        return found

    def download(self, package):
        self._run("apt-get", "download", package, cwd=self._packages)
        newest = max(self._packages.glob(f"{package}_*.deb"), key=lambda file: file.stat().st_mtime_ns)
        return newest

    def _run(self, program, *command, **options):
        return _output(program, "-q", *self._options, *command, **options)


def _mirror():
    """Where this machine has Debian's packages from."""
    targets = _output("apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)")
    for line in targets.splitlines():
        address, _, whose = line.partition(" ")
        if whose == "Debian Debian":
            return address
    raise LookupError("this machine's apt knows no mirror of Debian's packages")


def _unpack(package, folder, *patterns):
    contents = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE)
    with contents:
        # A part that has nothing of the kind is fine.
        subprocess.run(["tar", "-x", "-C", folder, "--wildcards", *patterns], stdin=contents.stdout, check=False,
                       stderr=subprocess.DEVNULL)
    if contents.returncode != 0:
        raise OSError(f"{package} cannot be unpacked")


def _modules(root):
    """Of late they are below /usr."""
    modules, = [*root.glob("lib/modules/*"), *root.glob("usr/lib/modules/*")]
    return modules


def _index_modules(root):
    """modules.dep, which a package's installation makes."""
    modules = _modules(root)
    _output("/sbin/depmod", "-b", modules.parents[2], modules.name)


def _output(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False, **options)
    if done.returncode != 0:
        raise OSError(f"{' '.join(map(str, command))}: {done.stderr or done.stdout}")
    return done.stdout
