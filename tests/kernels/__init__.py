"""The tests that ask a kernel, on the kernels of Debian's releases, each booted in a virtual machine. See README.md."""
