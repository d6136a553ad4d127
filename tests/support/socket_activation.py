"""Starts a program as systemd does that listens for it (sd_listen_fds(3))."""


def launcher(*sockets, process="$$"):
    """A command that starts the one that follows it: its sockets from descriptor 3 on, and whom they are meant for."""
    redirections = " ".join(f"{number}<&{each.fileno()}" for number, each in enumerate(sockets, 3))
    return ["bash", "-c", f'LISTEN_PID={process} LISTEN_FDS={len(sockets)} exec "$@" {redirections}', "bash"]
