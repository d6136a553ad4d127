"""What goes wrong around the exporters, one after the other; each fault waits until it shows, and until it is over.

A fault gives its allowances: {"kind", "namespace", "reason", "begin", "end"}. Between those moments polls may be missed
(kind "pause") or of that namespace may fail for that reason (kind "failure"), and at no other time. While clients were
not accepted (kinds "pause" and "want") hundreds may have come, and the first of them be closed in favour of the last.
"""

import random
import resource
import signal
import subprocess
import sys
import time

from soak import site as sites
from support import netns
from support.waiting import wait_for

_SHOWS_SECONDS = 30
_RELOADED = "timewait_exporter_config_last_reload_successful"
_RELOADED_AT = "timewait_exporter_config_last_reload_success_timestamp_seconds"
BROKEN = ["poll: {interval: 10ms}\n", "peers: [", "unheard_of: 1\n", "peers:\n" + "  - {name: '', match: []}\n" * 40,
          "\x00\x01\x02", "discovery: {max_peers: -1}\ndiscovery: {max_peers: 5}\n", "a: &a [*a, *a]\n", "- 1\n"]


def _allowance(kind, begin, namespace="", reason=""):
    return {"kind": kind, "namespace": namespace, "reason": reason, "begin": begin, "end": time.time()}


def _wait_for_scrape(soaked, condition):
    return wait_for(lambda: condition(soaked.scrape()), timeout=_SHOWS_SECONDS, pause=0.1)


def _outcome(exposition):
    return exposition.get(_RELOADED), exposition.get(_RELOADED_AT)


class Faults:
    """All of them, in turn, each on an exporter that it fits."""

    def __init__(self, site):
        self._site = site
        self._reloads, self._numbers = 0, 0

    def kinds(self):
        return [self.reload, self.broken_configuration, self.missing_configuration, self.reload_by_request,
                self.certificate, self.bad_certificate, self.sysctls, self.descriptors, self.stopped,
                self.namespace_deleted, self.namespace_found, self.reader_of_the_log_stalls, self.name_server_fails]

    def _reload(self, soaked):
        before = _outcome(soaked.scrape())
        soaked.signal()
        return _wait_for_scrape(soaked, lambda e: _outcome(e) if _outcome(e) != before else None)[0] == 1

    def _any(self):
        return random.choice(self._site.soaked)

    def _variant(self, soaked):
        """Another one than the last."""
        self._reloads += 1
        variant = 1 + self._reloads % 3
        return sites.configuration(variant) if soaked is self._site.plain else self._site.secured_configuration(variant)

    def reload(self):
        """Good ones, one after the other."""
        soaked = self._any()
        for _ in range(10):
            soaked.configure(self._variant(soaked))
            assert self._reload(soaked)
        return soaked, []

    def broken_configuration(self):
        soaked = self._any()
        limit = soaked.scrape().get("timewait_peers_limit")
        soaked.configure(random.choice(BROKEN))
        assert not self._reload(soaked)
        assert soaked.scrape().get("timewait_peers_limit") == limit
        soaked.configure(self._variant(soaked))
        assert self._reload(soaked)
        return soaked, []

    def missing_configuration(self):
        soaked = self._any()
        soaked.config.unlink()
        assert not self._reload(soaked)
        soaked.configure(self._variant(soaked))
        assert self._reload(soaked)
        return soaked, []

    def reload_by_request(self):
        soaked = self._site.plain
        soaked.configure(BROKEN[0])
        assert soaked.daemon.get("/-/reload", "POST")[0] == 500
        soaked.configure(self._variant(soaked))
        assert soaked.daemon.get("/-/reload", "POST")[0] == 200
        return soaked, []

    def _shown_certificate(self):
        connection = self._site.secured.daemon.connection()
        try:
            connection.connect()
            return connection.sock.getpeercert()["serialNumber"]
        finally:
            connection.close()

    def certificate(self):
        """A new one in the same files."""
        before = self._shown_certificate()
        self._site.authority.issue("server")
        wait_for(lambda: self._shown_certificate() != before, timeout=_SHOWS_SECONDS, pause=0.2)
        # The key is written before the certificate, so that the two may have been seen not to fit.
        _wait_for_scrape(self._site.secured, lambda e: e.get(_RELOADED) == 1)
        return self._site.secured, []

    def bad_certificate(self):
        """It is refused, and the one before goes on."""
        soaked, shown = self._site.secured, self._shown_certificate()
        self._write_bad_certificate()
        _wait_for_scrape(soaked, lambda e: e.get(_RELOADED) == 0)
        assert self._shown_certificate() == shown
        self._site.write_web_configuration()
        wait_for(lambda: self._shown_certificate() != shown, timeout=_SHOWS_SECONDS, pause=0.2)
        _wait_for_scrape(soaked, lambda e: e.get(_RELOADED) == 1)
        return soaked, []

    def _write_bad_certificate(self):
        certificate, key = self._site.authority.issue("broken")
        key.write_text("no key\n", encoding="ascii")
        self._site.write_web_configuration((certificate, key))

    def sysctls(self):
        """They change many times within each poll; what is told is the last."""
        for _ in range(200):
            first = 32768 + random.randrange(100)
            netns.sysctl("ipv4.ip_local_port_range", f"{first} 60999")
            netns.sysctl("ipv4.tcp_tw_reuse", random.randrange(3))
            netns.sysctl("ipv4.ip_local_reserved_ports", f"{first + 500}-{first + 600}")
            time.sleep(0.005)  # the pace of the changes
        soaked = self._any()
        _wait_for_scrape(soaked, lambda e: e.get("timewait_ephemeral_ports") == 60999 - first + 1 and
                         e.get("timewait_ephemeral_ports_reserved") == 101)
        netns.sysctl("ipv4.ip_local_reserved_ports", "")
        netns.sysctl("ipv4.ip_local_port_range", "32768 60999")
        netns.sysctl("ipv4.tcp_tw_reuse", 2)
        return soaked, []

    def descriptors(self):
        """None is left for two seconds: new clients wait, other namespaces cannot be entered."""
        soaked, begin = self._any(), time.time()
        before = resource.prlimit(soaked.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(soaked.pid, resource.RLIMIT_NOFILE, (0, before[1]))
        time.sleep(2)  # the length of the fault
        resource.prlimit(soaked.pid, resource.RLIMIT_NOFILE, before)
        _wait_for_scrape(soaked, lambda e: all(value == 1 for value in
                                               e.series("timewait_exporter_poll_success").values()))
        # A new certificate that could not be read meanwhile is tried again after ten seconds, by the next who asks.
        _wait_for_scrape(soaked, lambda e: e.get(_RELOADED) == 1)
        return soaked, [_allowance("want", begin), *(
            _allowance("failure", begin, namespace, "namespace") for namespace in soaked.namespaces[1:])]

    def stopped(self):
        soaked, begin = self._any(), time.time()
        soaked.signal(signal.SIGSTOP)
        time.sleep(random.uniform(1, 4))  # the length of the fault
        soaked.signal(signal.SIGCONT)
        soaked.scrape()
        return soaked, [_allowance("pause", begin)]

    def namespace_deleted(self):
        return self._site.plain, self._delete_namespace()

    def _delete_namespace(self):
        soaked, begin = self._site.plain, time.time()
        sites.ip("netns", "del", "passing")
        try:
            _wait_for_scrape(soaked, lambda e: e.get("timewait_exporter_poll_success", netns="passing") == 0)
        finally:
            sites.make_namespace("passing")
        _wait_for_scrape(soaked, lambda e: e.get("timewait_exporter_poll_success", netns="passing") == 1)
        return [_allowance("failure", begin, "passing", "namespace")]

    def namespace_found(self):
        """A new one, that nobody configured; a reload makes the exporter look at once."""
        soaked = self._site.plain
        self._numbers += 1
        name = f"brief-{self._numbers}"
        sites.make_namespace(name)
        program = ("import socket, time; here = socket.create_server(('127.0.0.1', 80)); "
                   "print(flush=True); time.sleep(600)")
        with subprocess.Popen(["ip", "netns", "exec", name, sys.executable, "-c", program],
                              stdout=subprocess.PIPE) as inside:
            try:
                inside.stdout.readline()  # it listens, without which it is not worth to be found
                soaked.configure(self._variant(soaked))
                assert self._reload(soaked)
                _wait_for_scrape(soaked, lambda e: e.get("timewait_exporter_poll_success", netns=name) == 1)
            finally:
                inside.kill()
        sites.ip("netns", "del", name)
        _wait_for_scrape(soaked, lambda e: e.get("timewait_exporter_poll_success", netns=name) is None)
        return soaked, []

    def reader_of_the_log_stalls(self):
        """While each thread has something to say, and a pipe takes little of it."""
        soaked = self._any()
        soaked.log.stall()
        try:
            soaked.configure(BROKEN[3])
            for _ in range(20):
                soaked.signal()
                time.sleep(0.1)  # the length of the fault
            polls = soaked.scrape().get("timewait_exporter_polls_total")
            allowances = self._something_to_say(soaked)
            _wait_for_scrape(soaked, lambda e: e.get("timewait_exporter_polls_total") > polls + 10)
        finally:
            soaked.log.go_on()
        soaked.configure(self._variant(soaked))
        wait_for(lambda: self._reload(soaked), timeout=_SHOWS_SECONDS)  # some may still be under way
        return soaked, allowances

    def _something_to_say(self, soaked):
        """For the thread that polls, or for the one that serves: the allowances."""
        if soaked is self._site.plain:
            return self._delete_namespace()
        self._write_bad_certificate()
        time.sleep(2)  # the web configuration is looked at once a second
        self._site.write_web_configuration()
        return []

    def name_server_fails(self):
        soaked, server = self._site.plain, self._site.name_server
        server.stop()
        _wait_for_scrape(soaked, lambda e: e.get("timewait_exporter_host_resolved", host=sites.HOST) == 0)
        assert self._database(soaked.scrape()) is not None
        server.answer(*random.sample(sites.DATABASES, random.randrange(1, 3)))
        server.start()
        server.wait_until_it_answers()
        _wait_for_scrape(soaked, lambda e: e.get("timewait_exporter_host_resolved", host=sites.HOST) == 1)
        return soaked, []

    @staticmethod
    def _database(exposition):
        return exposition.get("timewait_outbound_ports_capacity", peer="db")

    def play_until(self, stop_at):
        """Until time.time() is `stop_at`: gives each as it is over."""
        while True:
            kinds = self.kinds()
            random.shuffle(kinds)
            for kind in kinds:
                if time.time() >= stop_at:
                    return
                yield _play(kind)
                time.sleep(1)  # the pace of the faults


def _play(kind):
    """{"fault", "on", "begin", "end", "allowances", "problem"}; "problem" is None if it showed and was over in time."""
    begin, problem, on, allowances = time.time(), None, None, []
    try:
        soaked, allowances = kind()
        on = soaked.name
    except Exception as error:  # whatever it was, the other faults go on
        problem = f"{type(error).__name__}: {error}"
    return {"fault": kind.__name__, "on": on, "begin": begin, "end": time.time(), "allowances": allowances,
            "problem": problem}
