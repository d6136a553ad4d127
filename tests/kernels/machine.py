"""A virtual machine with the host's files, which none of its programs can change, and a kernel of its own."""

import os
import pathlib
import shlex
import subprocess

MEMORY, CORES = "2G", 2

# `timeout` ends what hangs; the kernel's own modules are found by modprobe, as inet_diag asks for them.
RUN = """ulimit -n 65536
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
ip link set lo up
uname -r >/run/results/kernel
cd {folder}
"""
JOB = """timeout -k 10 {seconds} {command} </dev/null >/run/results/{name}.log 2>&1
echo $? >/run/results/{name}.exit
"""
END = """sync
echo o >/proc/sysrq-trigger
sleep 60
"""


def accelerator():
    """KVM where the processor has it; there are machines with a /dev/kvm that runs only kernels made for it."""
    flags = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    return "kvm" if {"vmx", "svm"} & set(flags) and os.access("/dev/kvm", os.R_OK | os.W_OK) else "tcg"


def run(kernel, initramfs, results, jobs, options="", folder="/"):
    """Boots it, runs `jobs`, {name: (command, seconds)}, one after the other in `folder`, and ends with them.

    In `results`: NAME.log, what each wrote; NAME.exit, its exit code, unless the machine ended before; `kernel`, the
    version of the kernel that ran; console.log, what that said. `options`: for the kernel's command line.
    """
    script = RUN.format(folder=shlex.quote(str(folder)))
    for name, (command, seconds) in jobs.items():
        script += JOB.format(name=name, seconds=seconds, command=shlex.join(map(str, command)))
    (results / "run.sh").write_text(script + END, encoding="utf-8")
    longest = 120 + sum(seconds for _, seconds in jobs.values())
    command = ["qemu-system-x86_64", "-accel", accelerator(), "-cpu", "max", "-smp", str(CORES), "-m", MEMORY,
               "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
               "-serial", f"file:{results / 'console.log'}",
               "-kernel", kernel, "-initrd", initramfs,
               "-append", f"console=ttyS0 quiet panic=-1 no_timer_check {options}",
               *_share("host", "/", readonly=True), *_share("results", results, readonly=False)]
    subprocess.run(command, timeout=longest, check=True, stdin=subprocess.DEVNULL)


def _share(name, folder, readonly):
    return ["-virtfs", f"local,path={folder},mount_tag={name},security_model=none,multidevs=remap,"
                       f"readonly={'on' if readonly else 'off'}"]
