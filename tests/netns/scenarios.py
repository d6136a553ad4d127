"""Sockets and sysctls in place, toward one target: what the predictions are tried on."""

import contextlib
import errno
import socket
import subprocess
import time

from support import exporter, kernel_features, netns
from support.sockets import (client_time_wait, connect, connect_until_exhausted, established, listen,
                             server_time_wait, ss)

SERVER_PORT = 8080
PEER = "target"
OWN_ADDRESS = "10.77.0.1"  # of the host, and not a loopback address
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def poll_once(config, audit):
    """The audit says on stderr that it needs a newer kernel, where it does, and only if it has a port to ask for."""
    if not audit or kernel_features.can_be_asked_for_ports():
        return exporter.poll_once(f"--config.file={config}")
    exposition, log = exporter.poll_once_and_log(f"--config.file={config}")
    assert log.count("\n") == log.count("headroom.audit is off: it needs Linux 6.3 or later") <= 1
    assert exposition.get("timewait_exporter_audit_success") == (0 if log else 1)
    assert exposition.get("timewait_exporter_audit_probes_total") == 0
    return exposition


class Setting:
    """What a case works with: a target to connect to, and a place to keep its sockets open."""

    def __init__(self, directory):
        self.address, self.source = "127.0.0.1", None
        self.not_listed = 0  # ports that the kernel holds and does not tell of
        self.perhaps_reusable = 0  # ports that the kernel may hand out again before the exporter counts on it
        self._reuse_delay = 1
        self._config = directory / "config.yml"
        self._held = contextlib.ExitStack()
        netns.sysctl("ipv4.ip_local_port_range", "40000 40399")
        netns.sysctl("ipv4.tcp_tw_reuse", 0)

    def keep(self, sock):
        return self._held.enter_context(contextlib.closing(sock))

    def serve(self, address=None, **options):
        return self.keep(listen(address or self.address, SERVER_PORT, **options))

    def hold(self, listener, count, **options):
        """Established connections; returns (client, server) pairs."""
        pairs = [established(listener, self.address, self.source, **options) for _ in range(count)]
        for pair in pairs:
            self.keep(pair[0]), self.keep(pair[1])
        return pairs

    def reuse_after(self, seconds):
        """Sets tcp_tw_reuse_delay; a kernel without it goes by one second."""
        if kernel_features.reuse_delay_can_be_set():
            netns.sysctl("ipv4.tcp_tw_reuse_delay", round(seconds * 1000))
            self._reuse_delay = seconds

    def wait_until_reusable(self):
        """TIME_WAIT sockets made before the call are older than the delay, with a margin, when it returns."""
        time.sleep(self._reuse_delay + 0.3)

    def too_young_for_reuse(self, count):
        """So many TIME_WAIT sockets are younger than the delay, where that could be made long.

        Where the delay is a second the kernel counts in whole ones: it hands out a port that has waited for a moment,
        if meanwhile a second of its clock has begun (tcp_twsk_unique). The exporter counts on it after a whole one.
        """
        if not kernel_features.reuse_delay_can_be_set():
            self.perhaps_reusable += count

    def poll(self, audit=False):
        self._config.write_text(
            f"peers: [{{name: {PEER}, match: [{{address: '{self.address}', port: {SERVER_PORT}}}]}}]\n"
            f"headroom: {{audit: {str(audit).lower()}}}\n")
        return poll_once(self._config, audit)

    def predict(self, audit=False):
        return self.poll(audit).headroom(PEER)

    def check_prediction(self, predicted):
        """Holds it to what the kernel allows, of which some is not known on older kernels."""
        allowed = self.ask_kernel() + self.not_listed
        assert predicted <= allowed <= predicted + self.perhaps_reusable

    def ask_kernel(self):
        sockets = connect_until_exhausted(self.address, SERVER_PORT, self.source)
        for sock in sockets:
            sock.close()
        return len(sockets)

    def close(self):
        self._held.close()


@case
def nothing_in_use(s):
    s.serve()


@case
def established_connections(s):
    s.hold(s.serve(), 37)


@case
def odd_low_end_of_the_range(s):
    netns.sysctl("ipv4.ip_local_port_range", "40001 40100")
    s.hold(s.serve(), 10)


@case
def one_port(s):
    netns.sysctl("ipv4.ip_local_port_range", "40000 40000")
    s.serve()


@case
def one_port_taken(s):
    netns.sysctl("ipv4.ip_local_port_range", "40000 40001")
    s.hold(s.serve(), 2)


@case
def low_range(s):
    netns.sysctl("ipv4.ip_local_port_range", "1024 1323")
    s.hold(s.serve(), 5)


@case
def top_of_the_port_space(s):
    netns.sysctl("ipv4.ip_local_port_range", "65300 65535")
    s.hold(s.serve(), 5)


@case
def reserved_ports(s):
    netns.sysctl("ipv4.ip_local_reserved_ports", "40000-40009,40100,40399")
    s.hold(s.serve(), 5)


@case
def reserved_ports_across_the_ends_of_the_range(s):
    netns.sysctl("ipv4.ip_local_reserved_ports", "39990-40010,40390-41000")
    s.hold(s.serve(), 5)


@case
def nearly_all_reserved(s):
    netns.sysctl("ipv4.ip_local_reserved_ports", "40000-40396")
    s.hold(s.serve(), 1)


@case
def every_second_port_reserved(s):
    netns.sysctl("ipv4.ip_local_reserved_ports", ",".join(str(p) for p in range(40000, 40400, 2)))
    s.hold(s.serve(), 5)


@case
def a_reserved_port_in_use(s):
    s.hold(s.serve(), 20)
    port = int(next(iter(_local_ports())))
    netns.sysctl("ipv4.ip_local_reserved_ports", port)


@case
def time_wait_without_reuse(s):
    client_time_wait(s.serve(), 50)


@case
def time_wait_of_the_server_side(s):
    server_time_wait(s.serve(), 50)


@case
def time_wait_of_both_sides(s):
    listener = s.serve()
    client_time_wait(listener, 30)
    server_time_wait(listener, 40)


@case
def reuse_1_old_enough(s):
    netns.sysctl("ipv4.tcp_tw_reuse", 1)
    client_time_wait(s.serve(), 50)
    s.wait_until_reusable()


@case
def reuse_1_too_young(s):
    netns.sysctl("ipv4.tcp_tw_reuse", 1)
    s.reuse_after(60)
    client_time_wait(s.serve(), 50)
    s.too_young_for_reuse(50)


@case
def reuse_1_old_and_young(s):
    netns.sysctl("ipv4.tcp_tw_reuse", 1)
    s.reuse_after(4)
    listener = s.serve()
    client_time_wait(listener, 30)
    s.wait_until_reusable()
    client_time_wait(listener, 20)
    s.too_young_for_reuse(20)


@case
def reuse_1_own_address(s):
    _use_own_address(s)
    netns.sysctl("ipv4.tcp_tw_reuse", 1)
    client_time_wait(s.serve(), 50)
    s.wait_until_reusable()


@case
def reuse_2_loopback(s):
    netns.sysctl("ipv4.tcp_tw_reuse", 2)
    client_time_wait(s.serve(), 50)
    s.wait_until_reusable()


@case
def reuse_2_own_address_is_not_loopback(s):
    _use_own_address(s)
    netns.sysctl("ipv4.tcp_tw_reuse", 2)
    client_time_wait(s.serve(), 50)
    s.wait_until_reusable()


@case
def reuse_2_ipv6_loopback(s):
    s.address = "::1"
    netns.sysctl("ipv4.tcp_tw_reuse", 2)
    client_time_wait(s.serve(), 50)
    s.wait_until_reusable()


@case
def reuse_2_mapped_loopback(s):
    netns.sysctl("ipv4.tcp_tw_reuse", 2)
    listener = s.serve("::")
    client_time_wait(listener, 50, address="::ffff:127.0.0.1")
    s.wait_until_reusable()


@case
def reuse_2_without_timestamps(s):
    netns.sysctl("ipv4.tcp_tw_reuse", 2)
    netns.sysctl("ipv4.tcp_timestamps", 0)
    client_time_wait(s.serve(), 50)
    s.wait_until_reusable()


@case
def reuse_2_with_established_ones(s):
    netns.sysctl("ipv4.tcp_tw_reuse", 2)
    listener = s.serve()
    s.hold(listener, 25)
    client_time_wait(listener, 50)
    s.wait_until_reusable()


@case
def reuse_2_no_delay(s):
    netns.sysctl("ipv4.tcp_tw_reuse", 2)
    s.reuse_after(0.001)
    client_time_wait(s.serve(), 50)
    s.wait_until_reusable()


@case
def exhausted(s):
    netns.sysctl("ipv4.ip_local_port_range", "40000 40049")
    s.hold(s.serve(), 50)


@case
def exhausted_by_time_wait_that_is_reusable(s):
    netns.sysctl("ipv4.ip_local_port_range", "40000 40049")
    netns.sysctl("ipv4.tcp_tw_reuse", 2)
    s.reuse_after(2)
    client_time_wait(s.serve(), 50)
    s.wait_until_reusable()


@case
def close_wait(s):
    for _, server in s.hold(s.serve(), 20):
        server.shutdown(socket.SHUT_WR)


@case
def fin_wait2(s):
    for client, _ in s.hold(s.serve(), 20):
        client.shutdown(socket.SHUT_WR)


@case
def fin_wait2_without_a_process(s):
    netns.sysctl("ipv4.tcp_tw_reuse", 1)
    s.reuse_after(0.001)
    listener = s.serve()
    for _ in range(20):
        client, server = established(listener, s.address)
        s.keep(server)
        client.close()
    s.wait_until_reusable()


@case
def native_ipv6(s):
    s.address = "::1"
    s.hold(s.serve(), 20)


@case
def mapped_and_plain_ipv4_share_a_pool(s):
    listener = s.serve("::")
    s.hold(listener, 10)
    for _ in range(15):
        client, server = established(listener, "::ffff:127.0.0.1")
        s.keep(client), s.keep(server)


@case
def another_destination_does_not_matter(s):
    s.serve()
    other = s.keep(listen("127.0.0.2", SERVER_PORT))
    for _ in range(30):
        client, server = established(other)
        s.keep(client), s.keep(server)


@case
def another_remote_port_does_not_matter(s):
    s.serve()
    other = s.keep(listen("127.0.0.1", SERVER_PORT + 1))
    for _ in range(30):
        client, server = established(other)
        s.keep(client), s.keep(server)


@case
def two_source_addresses(s):
    listener = s.serve()
    s.hold(listener, 10)
    s.source = "127.0.0.9"
    s.hold(listener, 30)  # the tighter pool, and the one that is asked


@case
def listener_in_the_range(s):
    s.serve()
    s.keep(listen("127.0.0.1", 40010))


@case
def listener_in_the_range_on_another_address(s):
    s.serve()
    s.keep(listen("127.0.0.200", 40010))


@case
def wildcard_listeners_in_the_range(s):
    s.keep(listen("0.0.0.0", 40010))
    s.keep(listen("::", 40011, v6only=True))
    s.keep(listen("::", 40012, v6only=False))
    s.keep(listen("::1", 40013))
    s.hold(s.serve(), 5)


@case
def one_port_with_several_listeners(s):
    s.serve()
    for address in ("127.0.0.1", "127.0.0.2", "::1"):
        s.keep(listen(address, 40010))


@case
def reuse_port_listeners_in_the_range(s):
    s.serve()
    for _ in range(3):
        s.keep(listen("127.0.0.1", 40010, reuse_port=True))


@case
def listener_in_the_range_with_connections(s):
    s.serve()
    inner = s.keep(listen("127.0.0.1", 40010))
    for _ in range(5):
        client, server = established(inner)
        s.keep(client), s.keep(server)


@case
def listener_on_a_reserved_port(s):
    s.serve()
    netns.sysctl("ipv4.ip_local_reserved_ports", "40010,40020")
    s.keep(listen("127.0.0.1", 40010))


@case
def listener_outside_the_range(s):
    s.serve()
    s.keep(listen("127.0.0.1", 9000))


@case
def bound_and_not_connected(s):
    s.serve()
    for port in (40020, 40021):
        bound = s.keep(socket.socket())
        bound.bind(("127.0.0.1", port))
    ipv6 = s.keep(socket.socket(socket.AF_INET6))
    ipv6.bind(("::1", 40022))
    if not kernel_features.lists_bound_sockets():
        s.not_listed = 3


@case
def sockets_outside_the_range(s):
    listener = s.serve()
    for port in (20000, 20001):
        client = s.keep(socket.socket())
        client.bind(("127.0.0.1", port))
        client.connect(("127.0.0.1", SERVER_PORT))
        s.keep(listener.accept()[0])


@case
def udp_plays_no_part(s):
    s.serve()
    for port in range(40000, 40050):
        s.keep(socket.socket(type=socket.SOCK_DGRAM)).bind(("127.0.0.1", port))


@case
def the_range_has_moved(s):
    s.hold(s.serve(), 40)
    netns.sysctl("ipv4.ip_local_port_range", "40100 40299")


@case
def refused_connections_hold_nothing(s):
    for _ in range(30):
        try:
            connect("127.0.0.1", SERVER_PORT)
        except ConnectionRefusedError as error:
            assert error.errno == errno.ECONNREFUSED
    s.serve()


def _use_own_address(s):
    subprocess.run(["ip", "address", "add", f"{OWN_ADDRESS}/32", "dev", "lo"], check=True)
    s.address = OWN_ADDRESS


def _local_ports():
    return [local for state, _, local, _, remote in ss() if remote == str(SERVER_PORT)]
