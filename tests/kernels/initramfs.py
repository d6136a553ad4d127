"""What a kernel runs first: it finds the host's files by 9p, and goes on in them; what is written stays in memory."""

import lzma
import shutil
import subprocess

MODULES = ("virtio_pci", "9pnet_virtio", "9p", "overlay")

INIT = """#!/bin/busybox sh
PATH=/bin
fail() {
  echo "init: $*"
  exec busybox poweroff -f
}
share() { # NAME OPTIONS PLACE
  busybox mount -t 9p -o "trans=virtio,version=9p2000.L,msize=262144,$2" "$1" "$3" || fail "no files of $1"
}
busybox mkdir -p /proc /host /ram /root
for module in /modules/*; do
  busybox insmod "$module" || fail "cannot load $module"
done
share host ro,cache=loose /host
busybox mount -t tmpfs none /ram
busybox mkdir /ram/upper /ram/work
busybox mount -t overlay -o lowerdir=/host,upperdir=/ram/upper,workdir=/ram/work none /root || fail 'no overlay'
for place in proc:/proc sysfs:/sys devtmpfs:/dev tmpfs:/run tmpfs:/dev/shm devpts:/dev/pts cgroup2:/sys/fs/cgroup; do
  busybox mkdir -p "/root${place#*:}"
  busybox mount -t "${place%%:*}" none "/root${place#*:}" || fail "no ${place%%:*}"
done
busybox mkdir -p /root/run/results /root/usr/lib/modules
share results rw /root/run/results
busybox mount --bind "/root@MODULES@" /root/usr/lib/modules || fail 'no modules'
exec busybox switch_root /root /bin/sh /run/results/run.sh
"""


def make(busybox, modules, folder):
    """The archive that a kernel with these modules unpacks into memory: in that folder, with what it is made of."""
    root = folder / "initramfs"
    shutil.rmtree(root, ignore_errors=True)
    for each in ("bin", "dev", "modules"):
        (root / each).mkdir(parents=True)
    shutil.copy(busybox, root / "bin" / "busybox")
    init = root / "init"
    init.write_text(INIT.replace("@MODULES@", str(modules.parent)), encoding="ascii")
    init.chmod(0o755)
    for number, module in enumerate(_in_order(modules)):
        target = root / "modules" / f"{number:02}-{module.name.split('.')[0]}.ko"
        target.write_bytes(lzma.open(module).read() if module.suffix == ".xz" else module.read_bytes())
    archive = folder / "initramfs.cpio"
    with open(archive, "wb") as file:
        subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=root, stdout=file, check=True,
                       input="\n".join(str(each.relative_to(root)) for each in sorted(root.rglob("*"))).encode())
    return archive


def _in_order(modules):
    """The files to load, each after what it needs; what is built in has none."""
    needs = {}
    for line in (modules / "modules.dep").read_text(encoding="ascii").splitlines():
        module, _, others = line.partition(":")
        needs[module] = others.split()
    names = {module.rsplit("/", 1)[-1].split(".")[0].replace("-", "_"): module for module in needs}
    order = []

    def load(module):
        for each in reversed(needs[module]):
            load(each)
        if module not in order:
            order.append(module)

    for name in MODULES:
        if name in names:
            load(names[name])
    return [modules / each for each in order]
