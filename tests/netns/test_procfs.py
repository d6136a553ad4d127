"""Without netlink: /proc/net/tcp gives the same figures, as far as it knows them."""

import re
import socket

import pytest

from support import exporter, netns
from support.exporter import Daemon
from support.sandbox import forbid_netlink
from support.sockets import client_time_wait, connect, established, listen, server_time_wait, settled

pytestmark = pytest.mark.usefixtures("fresh_network_namespace")

# What /proc does not tell, and what differs from one process or moment to the next.
UNKNOWN = "timewait_listen_queue_limit"
OF_THE_MOMENT = re.compile(r"process_|timewait_exporter_(poll_duration|last_poll|config|poll_sockets|poll_interval)|"
                           r"timewait_exporter_source_info")


@pytest.fixture(name="many_kinds")
def _many_kinds(keep):
    """Sockets of every family, role and state that is easily had."""
    netns.sysctl("ipv4.tcp_tw_reuse", 2)
    web = keep(listen("127.0.0.1", 8080))
    dual = keep(listen("::", 9090))
    v6 = keep(listen("::1", 7070))
    in_range = keep(listen("127.0.0.1", 40000))
    keep(*established(web))
    keep(*established(in_range))
    keep(*established(v6))
    keep(*established(dual, "127.0.0.5"))
    mapped = keep(socket.socket(socket.AF_INET6))
    mapped.connect(("::ffff:127.0.0.1", 9090))
    keep(dual.accept()[0])
    client_time_wait(web, 20)
    server_time_wait(web, 5)
    client_time_wait(v6, 3)
    client, server = keep(*established(web))
    server.close()  # CLOSE_WAIT here, FIN_WAIT2 there
    keep(client)
    keep(connect("127.0.0.1", 8080))  # waits for accept()
    settled()


def figures(exposition):
    return {key: value for key, value in exposition.samples.items()
            if key[0] != UNKNOWN and not OF_THE_MOMENT.match(key[0])}


def test_the_figures_are_those_of_netlink(many_kinds):
    netlink = exporter.poll_once()
    procfs = exporter.poll_once(log="there is no netlink sock_diag", preexec_fn=forbid_netlink)
    assert netlink.get("timewait_exporter_source_info", source="netlink") == 1
    assert procfs.get("timewait_exporter_source_info", source="procfs") == 1
    assert figures(procfs) == figures(netlink)
    assert len(figures(netlink)) > 80
    assert netlink.get("timewait_listen_queue_sockets", listener="127.0.0.1:8080") == 1
    assert netlink.series(UNKNOWN) and not procfs.series(UNKNOWN)


def test_the_daemon_says_it_once(many_kinds, tmp_path):
    file = tmp_path / "timewait.yml"
    file.write_text("poll: {interval: 100ms}\n")
    with Daemon(f"--config.file={file}", preexec_fn=forbid_netlink) as daemon:
        daemon.scrape_after_poll()
        exposition = daemon.scrape_after_poll()
        _, log = daemon.stop()
    assert exposition.get("timewait_exporter_source_info", source="procfs") == 1
    assert exposition.get("timewait_exporter_poll_success") == 1
    # The identity of a socket holds from poll to poll.
    assert exposition.get("timewait_outbound_time_wait_entered_total", peer="127.0.0.1:8080") == 20
    assert log.count("there is no netlink sock_diag") == 1
