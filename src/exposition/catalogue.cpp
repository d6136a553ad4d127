#include "exposition/catalogue.h"

#include <algorithm>
#include <array>

namespace timewait::exposition {
namespace {

constexpr LabelNames kNone{};
constexpr LabelNames kPeer{{"peer"}, 1};
constexpr LabelNames kPeerState{{"peer", "state"}, 2};
constexpr LabelNames kHost{{"host"}, 1};
constexpr LabelNames kListener{{"listener"}, 1};
constexpr LabelNames kListenerState{{"listener", "state"}, 2};

constexpr std::array kCatalogue = {
    MetricInfo{Metric::kOutboundSockets, Section::kOutboundPeers, "timewait_outbound_sockets",
               MetricType::kGauge, "sockets", kPeerState,
               "Sockets this host opened to the peer, by TCP state.",
               "All pools of the peer together, not only the tightest. `established` and "
               "`time_wait` are always there; another state appears with its first socket and then "
               "stays, at zero if need be, until the peer is forgotten."},
    MetricInfo{Metric::kOutboundPortsCapacity, Section::kOutboundPeers,
               "timewait_outbound_ports_capacity", MetricType::kGauge, "ports", kPeer,
               "Local ports that connect() could ever use in the tightest pool of the peer.",
               "`timewait_ephemeral_ports` - `timewait_ephemeral_ports_reserved` - "
               "`timewait_ephemeral_ports_bound`. It is the same for every peer, because a port "
               "that is reserved or held by `bind()` is lost to all of them."},
    MetricInfo{Metric::kOutboundPortsUsed, Section::kOutboundPeers, "timewait_outbound_ports_used",
               MetricType::kGauge, "ports", kPeer,
               "Local ports taken in the tightest pool of the peer, by sockets in any state.",
               "At most the capacity. Sockets whose local port lies outside "
               "`ip_local_port_range` do not count, so this can be less than the sockets. A peer "
               "of several addresses has several pools: the other pools are not in this figure."},
    MetricInfo{Metric::kOutboundPortsReusable, Section::kOutboundPeers,
               "timewait_outbound_ports_reusable", MetricType::kGauge, "ports", kPeer,
               "Ports among the used ones that the kernel would hand out again now although they "
               "are in TIME_WAIT.",
               "Zero unless `tcp_tw_reuse` is 1, or is 2 (the default since Linux 4.19) and either "
               "end is a loopback address; `tcp_timestamps` must be on, and the socket must have "
               "been in TIME_WAIT for longer than `tcp_tw_reuse_delay` (`tcp_twsk_unique`)."},
    MetricInfo{Metric::kOutboundPortHeadroomRatio, Section::kOutboundPeers,
               "timewait_outbound_port_headroom_ratio", MetricType::kGauge, "ratio", kPeer,
               "Share of the capacity that is not used in the tightest pool of the peer, 0 to 1.",
               "(capacity - used) / capacity; 0 when the capacity is 0. It counts every TIME_WAIT "
               "port as lost, so it reads low where the kernel reuses them."},
    MetricInfo{Metric::kOutboundPortEffectiveHeadroomRatio, Section::kOutboundPeers,
               "timewait_outbound_port_effective_headroom_ratio", MetricType::kGauge, "ratio",
               kPeer,
               "Share of the capacity that connect() can still get in the tightest pool of the "
               "peer, 0 to 1.",
               "(capacity - used + reusable) / capacity; 0 when the capacity is 0. **The figure to "
               "alert on.** At 0 the next `connect()` to that pool fails with `EADDRNOTAVAIL`. "
               "Times the capacity it is the number of `connect()` calls that would succeed now."},
    MetricInfo{
        Metric::kOutboundPortsFast, Section::kOutboundPeers, "timewait_outbound_ports_fast",
        MetricType::kGauge, "ports", kPeer,
        "Ports that connect() can still get in the half of the range that it tries first.",
        "Of the tightest pool; free and reusable ones. `connect()` tries the ports with the "
        "parity of the range's low end before the others (`__inet_hash_connect`), so half "
        "of the capacity goes fast. **At 0 every `connect()` first looks at all of that half "
        "in vain**: it works, but takes CPU time that grows with the range. What it costs: "
        "`slow_half_bench`, see [FORECAST.md](../analysis/FORECAST.md)."},
    MetricInfo{Metric::kOutboundArrivals, Section::kOutboundPeers,
               "timewait_outbound_arrivals_per_second", MetricType::kGauge, "ports per second",
               kPeer, "Ports newly taken a second in the tightest pool of the peer.",
               "From the TIME_WAIT sockets of the last minute and the growth of the open ones, as "
               "[FORECAST.md](../analysis/FORECAST.md) tells. Absent while the peer has no pool, "
               "and while `tcp_max_tw_buckets` is reached: then connections leave no trace, and "
               "how many there were is not known."},
    MetricInfo{Metric::kOutboundSustainableArrivals, Section::kOutboundPeers,
               "timewait_outbound_sustainable_arrivals_per_second", MetricType::kGauge,
               "ports per second", kPeer,
               "Ports a second that the tightest pool of the peer can give away for ever if each "
               "connection is closed at once, by this host.",
               "The capacity over the time a port stays in TIME_WAIT: 60 s, or "
               "`timewait_tcp_tw_reuse_delay_seconds` where the kernel hands it out again after "
               "that. Connections that stay open for long, as a connection pool's do, take longer "
               "to come back. Absent while the peer has no pool."},
    MetricInfo{
        Metric::kOutboundExhaustion, Section::kOutboundPeers,
        "timewait_outbound_exhaustion_seconds", MetricType::kGauge, "seconds", kPeer,
        "Seconds until a pool of the peer has no port left if the present rate lasts; +Inf "
        "if it does not come to that, 0 if it has.",
        "A forecast that each poll makes from the arrivals of the last minute, the time that "
        "every TIME_WAIT socket has left, the sockets that stay open, and `tcp_tw_reuse`; "
        "between polls it counts down. It is the soonest of the peer's pools, which need "
        "not be the tightest. "
        "Unlike `predict_linear()` it knows that a burst's ports come back. The model and "
        "its errors: [FORECAST.md](../analysis/FORECAST.md)."},
    MetricInfo{Metric::kOutboundTimeWaitEntered, Section::kOutboundPeers,
               "timewait_outbound_time_wait_entered_total", MetricType::kCounter, "sockets", kPeer,
               "Sockets to the peer that entered TIME_WAIT since the exporter came to know it.",
               "Read from the TIME_WAIT sockets themselves, which the kernel keeps for 60 s; so "
               "nothing is missed between polls, except sockets that were reused or cut short "
               "before a poll saw them. `rate()` of it is the rate of connections that this host "
               "closes first: one port for 60 s each."},

    MetricInfo{
        Metric::kInboundSockets, Section::kInboundListeners, "timewait_inbound_sockets",
        MetricType::kGauge, "sockets", kListenerState,
        "Sockets this host accepted from the listener, by TCP state.",
        "They share the listener's port and use up no ephemeral port, whatever their number. "
        "What is left when it stops listening still counts here, unless on an ephemeral port. "
        "`state` behaves as in `timewait_outbound_sockets`."},
    MetricInfo{Metric::kInboundTimeWaitEntered, Section::kInboundListeners,
               "timewait_inbound_time_wait_entered_total", MetricType::kCounter, "sockets",
               kListener,
               "Sockets of the listener that entered TIME_WAIT since the exporter came to know it.",
               "The rate of accepted connections that this host closes first. They take memory and "
               "count against `timewait_sockets_limit`."},
    MetricInfo{Metric::kListenQueueSockets, Section::kInboundListeners,
               "timewait_listen_queue_sockets", MetricType::kGauge, "sockets", kListener,
               "Connections that wait for the program to call accept().",
               "`sk_ack_backlog`, summed over the listening sockets of this name. It is a moment's "
               "figure; `timewait_listen_overflows_total` tells what happened between polls."},
    MetricInfo{Metric::kListenQueueLimit, Section::kInboundListeners, "timewait_listen_queue_limit",
               MetricType::kGauge, "sockets", kListener,
               "Connections that may wait for accept() before the kernel turns more away.",
               "The backlog given to `listen()`, cut to `net.core.somaxconn`; summed like the "
               "queue. The kernel lets one more in (`sk_acceptq_is_full`). 0 while nothing listens "
               "under a configured name; absent where the source of the sockets does not tell it, "
               "as `/proc/net/tcp` does not."},
    MetricInfo{Metric::kListenEphemeralPorts, Section::kInboundListeners,
               "timewait_listen_ephemeral_ports", MetricType::kGauge, "ports", kListener,
               "Ports of the ephemeral range that it listens on and that are not reserved.",
               "While the program is stopped, an outbound connection may take such a port and keep "
               "it from starting again (`EADDRINUSE`), unless "
               "`net.ipv4.ip_local_reserved_ports` has it."},

    MetricInfo{Metric::kEphemeralPorts, Section::kHostPorts, "timewait_ephemeral_ports",
               MetricType::kGauge, "ports", kNone,
               "Ports in the range from which connect() takes local ports.",
               "`net.ipv4.ip_local_port_range`; it holds for IPv6 too. 28232 by default. Divided "
               "by 60 s it is the rate of new connections that one pool can sustain when every "
               "one of them ends in TIME_WAIT here and none is reused."},
    MetricInfo{Metric::kEphemeralPortsReserved, Section::kHostPorts,
               "timewait_ephemeral_ports_reserved", MetricType::kGauge, "ports", kNone,
               "Ports of the range that are reserved by sysctl, so that connect() skips them.",
               "`net.ipv4.ip_local_reserved_ports`, as far as it lies inside the range."},
    MetricInfo{Metric::kEphemeralPortsBound, Section::kHostPorts, "timewait_ephemeral_ports_bound",
               MetricType::kGauge, "ports", kNone,
               "Ports of the range, reserved ones aside, that a socket holds by bind().",
               "Listening sockets and bound ones that are not connected. `connect()` skips such a "
               "port for every destination (`__inet_hash_connect`). A socket that called `bind()` "
               "before `connect()` holds its port likewise, and so does what is left of a closed "
               "listener; no dump tells those from the others, so they count here only with "
               "`headroom.audit: true`, one poll after they are found. Bound sockets that are not "
               "connected are listed by Linux 6.8 and later; before, their ports are missing here. "
               "They are dear to ask for on hosts with many sockets: there they are as old as "
               "100 us for each socket, and a minute at most."},
    MetricInfo{Metric::kTimeWaitSockets, Section::kHostPorts, "timewait_sockets",
               MetricType::kGauge, "sockets", kNone,
               "TIME_WAIT sockets in the network namespace, as the kernel counts them.",
               "`/proc/net/sockstat`, TCP `tw`: the figure that the kernel holds against the "
               "limit. It includes sockets that wait for the peer's FIN without a process "
               "(FIN_WAIT2), so it can exceed the sum of the `time_wait` series. Where the kernel "
               "does not tell, the TIME_WAIT sockets of the poll are counted instead."},
    MetricInfo{Metric::kTimeWaitSocketsLimit, Section::kHostPorts, "timewait_sockets_limit",
               MetricType::kGauge, "sockets", kNone,
               "TIME_WAIT sockets the kernel keeps at most in the network namespace.",
               "`net.ipv4.tcp_max_tw_buckets`. Beyond it a connection closes without TIME_WAIT and "
               "`timewait_overflow_total` rises. The default follows the memory: some 4096 at "
               "1 GiB, which is reached long before the ports run out."},
    MetricInfo{Metric::kTwReuse, Section::kHostPorts, "timewait_tcp_tw_reuse", MetricType::kGauge,
               "", kNone,
               "Setting of tcp_tw_reuse: 0 never, 1 always, 2 if either end is a loopback address.",
               "`net.ipv4.tcp_tw_reuse`; it holds for IPv6 too. Absent where the kernel lacks it."},
    MetricInfo{Metric::kTwReuseDelay, Section::kHostPorts, "timewait_tcp_tw_reuse_delay_seconds",
               MetricType::kGauge, "seconds", kNone,
               "Time a socket must have been in TIME_WAIT before its port may be reused.",
               "`net.ipv4.tcp_tw_reuse_delay` (Linux 6.14 and later); 1 on older kernels."},

    MetricInfo{Metric::kTimeWaitEntered, Section::kKernelCounters, "timewait_entered_total",
               MetricType::kCounter, "sockets", kNone,
               "Sockets that entered TIME_WAIT in the network namespace.",
               "`/proc/net/netstat`, TcpExt `TW`. Inbound and outbound together. Before Linux 5.18 "
               "the kernel counts those whose "
               "TIME_WAIT has run out, so a minute later, and none that was reused."},
    MetricInfo{Metric::kTimeWaitReused, Section::kKernelCounters, "timewait_reused_total",
               MetricType::kCounter, "sockets", kNone,
               "TIME_WAIT sockets whose port the kernel gave to a new outbound connection.",
               "`/proc/net/netstat`, TcpExt `TWRecycled`."},
    MetricInfo{Metric::kTimeWaitOverflow, Section::kKernelCounters, "timewait_overflow_total",
               MetricType::kCounter, "sockets", kNone,
               "Connections the kernel closed without TIME_WAIT because there was no room for it.",
               "`/proc/net/netstat`, TcpExt `TCPTimeWaitOverflow`: `timewait_sockets_limit` was "
               "reached. The protection that TIME_WAIT gives is missing for these connections."},
    MetricInfo{Metric::kActiveOpens, Section::kKernelCounters, "timewait_tcp_active_opens_total",
               MetricType::kCounter, "connections", kNone, "Connections this host began to open.",
               "`/proc/net/snmp`, Tcp `ActiveOpens`. A `connect()` that found no port is not among "
               "them: it fails before anything is sent."},
    MetricInfo{Metric::kAttemptFails, Section::kKernelCounters, "timewait_tcp_attempt_fails_total",
               MetricType::kCounter, "connections", kNone,
               "Connections that failed before they were established, for example refused ones.",
               "`/proc/net/snmp`, Tcp `AttemptFails`: refused, unreachable or timed out, and "
               "half-open inbound ones that were reset. A `connect()` that found no port "
               "(`EADDRNOTAVAIL`) is counted by no kernel counter; the effective headroom ratio is "
               "what shows it."},
    MetricInfo{Metric::kListenOverflows, Section::kKernelCounters,
               "timewait_listen_overflows_total", MetricType::kCounter, "connections", kNone,
               "Inbound connections turned away because an accept queue was full.",
               "`/proc/net/netstat`, TcpExt `ListenOverflows`; all listeners of the namespace "
               "together."},
    MetricInfo{Metric::kListenDrops, Section::kKernelCounters, "timewait_listen_drops_total",
               MetricType::kCounter, "connections", kNone,
               "Inbound connections dropped at a listener for any reason, full queues included.",
               "`/proc/net/netstat`, TcpExt `ListenDrops`."},

    MetricInfo{
        Metric::kPeers, Section::kDiscovery, "timewait_peers", MetricType::kGauge, "peers", kNone,
        "Discovered peers that are shown, configured ones not counted.",
        "One that is shown stays, with zero sockets if need be, until it has had none for 10 "
        "minutes. At the limit, the peers with more headroom are folded into "
        "`peer=\"other\"`; those already shown have a head start of 1 % of the capacity, so "
        "that two that are about equal do not take turns."},
    MetricInfo{Metric::kPeersLimit, Section::kDiscovery, "timewait_peers_limit", MetricType::kGauge,
               "peers", kNone, "Discovered peers that are shown at most.",
               "`discovery.max_peers` of the configuration."},
    MetricInfo{Metric::kFoldedSockets, Section::kDiscovery, "timewait_folded_sockets",
               MetricType::kGauge, "sockets", kNone,
               "Outbound sockets of peers that are not shown by name, in any state.",
               "The sum of `timewait_outbound_sockets{peer=\"other\"}`. If it is a large part of "
               "all sockets, raise the limit or give the peers names."},

    MetricInfo{Metric::kBuildInfo, Section::kExporter, "timewait_exporter_build_info",
               MetricType::kGauge, "", LabelNames{{"version", "revision", "compiler"}, 3},
               "A constant 1, labelled by what this program was built from and with.", ""},
    MetricInfo{
        Metric::kSourceInfo, Section::kExporter, "timewait_exporter_source_info",
        MetricType::kGauge, "", LabelNames{{"source"}, 1},
        "A constant 1, labelled by where the sockets are read from.",
        "`source` is `netlink`: sock_diag; or `procfs`: `/proc/net/tcp` and `tcp6`, where there is "
        "no sock_diag. procfs takes several times the CPU and tells less: not the limit of "
        "accept queues, not the ports that are bound and neither listening nor connected "
        "(`timewait_ephemeral_ports_bound` lacks them), and not which socket is which, so "
        "that a connection between the same two ports that enters TIME_WAIT twice between "
        "two polls counts once."},
    MetricInfo{Metric::kListenerInfo, Section::kExporter, "timewait_exporter_listener_info",
               MetricType::kGauge, "", kListener,
               "A constant 1 for each listener that is the exporter's own.",
               "It is told apart from the poll after the start on. An alert on listeners leaves it "
               "out with `unless on (instance, netns, listener) timewait_exporter_listener_info`. "
               "A configured name that other programs listen under too is not the exporter's own."},
    MetricInfo{Metric::kPollSuccess, Section::kExporter, "timewait_exporter_poll_success",
               MetricType::kGauge, "", kNone, "1 if the last poll succeeded, else 0.",
               "After a failed poll the figures of the last good one stay; "
               "`timewait_exporter_last_poll_timestamp_seconds` tells how old they are."},
    MetricInfo{Metric::kPolls, Section::kExporter, "timewait_exporter_polls_total",
               MetricType::kCounter, "polls", kNone, "Polls made, good and failed ones.",
               "A poll reads the kernel; a scrape only reads what the last good poll found."},
    MetricInfo{Metric::kPollErrors, Section::kExporter, "timewait_exporter_poll_errors_total",
               MetricType::kCounter, "polls", LabelNames{{"reason"}, 1},
               "Polls that failed, by reason.",
               "Every reason is always there, at zero if need be."},
    MetricInfo{Metric::kPollDuration, Section::kExporter, "timewait_exporter_poll_duration_seconds",
               MetricType::kHistogram, "seconds", kNone, "Time a poll took.", ""},
    MetricInfo{Metric::kPollSockets, Section::kExporter, "timewait_exporter_poll_sockets",
               MetricType::kGauge, "sockets", kNone, "Sockets read by the last good poll.",
               "All of them: listening and merely bound ones too."},
    MetricInfo{Metric::kLastPollTimestamp, Section::kExporter,
               "timewait_exporter_last_poll_timestamp_seconds", MetricType::kGauge, "seconds",
               kNone, "Unix time of the last good poll.",
               "`time()` minus this is the age of every figure above."},
    MetricInfo{Metric::kAuditSuccess, Section::kExporter, "timewait_exporter_audit_success",
               MetricType::kGauge, "", kNone,
               "1 if the last audit of ports held by bind() could ask the kernel, else 0.",
               "Only with `headroom.audit: true`. It stays 0 on kernels before 6.3, which lack "
               "`IP_LOCAL_PORT_RANGE`."},
    MetricInfo{Metric::kAuditProbes, Section::kExporter, "timewait_exporter_audit_probes_total",
               MetricType::kCounter, "", kNone, "Ports that the audit asked the kernel for.",
               "Only with `headroom.audit: true`. Those that were not held are in "
               "`timewait_tcp_active_opens_total` too: the kernel counts each as a connection."},
    MetricInfo{Metric::kPollInterval, Section::kExporter, "timewait_exporter_poll_interval_seconds",
               MetricType::kGauge, "seconds", kNone, "Time from one poll to the next, at present.",
               "More than `timewait_exporter_poll_interval_configured_seconds` where polls would "
               "take more CPU than `poll.max_cpu` allows; then they spread out, up to 30 s apart. "
               "TIME_WAIT lasts 60 s, so what is lost is only how soon a change shows."},
    MetricInfo{Metric::kPollIntervalConfigured, Section::kExporter,
               "timewait_exporter_poll_interval_configured_seconds", MetricType::kGauge, "seconds",
               kNone, "Time from one poll to the next, as configured.", "`poll.interval`."},
    MetricInfo{Metric::kNamespaces, Section::kExporter, "timewait_exporter_network_namespaces",
               MetricType::kGauge, "namespaces", kNone,
               "Network namespaces that are polled, the exporter's own among them.",
               "A configured one counts even while it is not there."},
    MetricInfo{Metric::kNamespacesLeftOut, Section::kExporter,
               "timewait_exporter_network_namespaces_left_out", MetricType::kGauge, "namespaces",
               kNone, "Discovered network namespaces beyond as many as may be polled.",
               "More than 0: raise `max` of `discover` in `network_namespaces`."},
    MetricInfo{Metric::kHostResolved, Section::kExporter, "timewait_exporter_host_resolved",
               MetricType::kGauge, "", kHost,
               "1 if the last attempt to resolve the configured host name succeeded, else 0.",
               "After a failure the addresses of the last answer go on to count; the log says what "
               "the failure was."},
    MetricInfo{Metric::kHostAddresses, Section::kExporter, "timewait_exporter_host_addresses",
               MetricType::kGauge, "addresses", kHost,
               "Addresses in the last answer for the configured host name; 1024 at most.",
               "An address that is gone from the answer still matches while there are sockets to "
               "it, and is not in this figure."},
    MetricInfo{Metric::kReloadSuccessful, Section::kExporter,
               "timewait_exporter_config_last_reload_successful", MetricType::kGauge, "", kNone,
               "1 if the last reload of the configuration succeeded, else 0.",
               "1 from the start on. At 0 the configuration before it is still in force, and the "
               "log says what is wrong with the new one."},
    MetricInfo{Metric::kReloadSuccessTimestamp, Section::kExporter,
               "timewait_exporter_config_last_reload_success_timestamp_seconds", MetricType::kGauge,
               "seconds", kNone, "Unix time of the last successful reload of the configuration.",
               "That of the start if there was none since."},

    MetricInfo{Metric::kProcessCpu, Section::kProcess, "process_cpu_seconds_total",
               MetricType::kCounter, "seconds", kNone,
               "User and system CPU time the exporter has spent.", ""},
    MetricInfo{Metric::kProcessResidentMemory, Section::kProcess, "process_resident_memory_bytes",
               MetricType::kGauge, "bytes", kNone, "Resident memory of the exporter.", ""},
    MetricInfo{Metric::kProcessVirtualMemory, Section::kProcess, "process_virtual_memory_bytes",
               MetricType::kGauge, "bytes", kNone, "Virtual memory of the exporter.", ""},
    MetricInfo{Metric::kProcessOpenFds, Section::kProcess, "process_open_fds", MetricType::kGauge,
               "fds", kNone, "File descriptors the exporter has open.", ""},
    MetricInfo{Metric::kProcessMaxFds, Section::kProcess, "process_max_fds", MetricType::kGauge,
               "fds", kNone, "File descriptors the exporter may have open.",
               "The soft limit; absent when there is none."},
    MetricInfo{Metric::kProcessStartTime, Section::kProcess, "process_start_time_seconds",
               MetricType::kGauge, "seconds", kNone, "Unix time at which the exporter started.",
               ""},
};

constexpr bool is_indexed_by_metric() {
  for (std::size_t i = 0; i < kCatalogue.size(); ++i) {
    if (kCatalogue[i].id != static_cast<Metric>(i)) return false;
  }
  return kCatalogue.back().id == Metric::kProcessStartTime;
}
static_assert(is_indexed_by_metric(), "the catalogue is in the order of enum Metric, without gaps");

}  // namespace

std::span<const MetricInfo> catalogue() { return kCatalogue; }

const MetricInfo& info_of(Metric metric) { return kCatalogue[static_cast<std::size_t>(metric)]; }

std::string_view unit_of(std::string_view metric_name) {
  const auto found = std::find_if(kCatalogue.begin(), kCatalogue.end(),
                                  [&](const MetricInfo& info) { return info.name == metric_name; });
  return found == kCatalogue.end() ? std::string_view() : found->unit;
}

}  // namespace timewait::exposition
