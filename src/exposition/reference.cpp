#include "exposition/reference.h"

#include <cstdlib>
#include <initializer_list>
#include <string_view>

#include "exposition/catalogue.h"
#include "inet/tcp_state.h"
#include "reading/read_failure.h"

namespace timewait::exposition {
namespace {

using inet::TcpState;
using reading::FailureReason;

constexpr std::string_view kIntroduction =
    R"(<!-- Written from src/exposition by `./dev reference`; do not edit. -->
# Metrics

## Reading headroom
1. Every outbound connection holds one local port, taken from the range `ip_local_port_range`.
2. The kernel can hand out each port once per **pool**: one local address, remote address and remote port. So a host does
   not run out of ports; a pool does.
3. A **peer** is a configured name or `address:port`. One with several addresses has several pools, and its figures are
   those of its **tightest** pool, the one with the least effective headroom: the one where `connect()` fails first.
4. **Capacity** is what `connect()` could ever use: the range, less what is reserved by sysctl or held by `bind()`.
5. **Used** are those taken in that pool in any state. TIME_WAIT counts: it holds its port for 60 s.
6. **Reusable** are the TIME_WAIT ports among the used that the kernel would hand out again now (`tcp_tw_reuse`).
7. **Headroom ratio** is (capacity - used) / capacity, as if no port were ever reused.
8. **Effective headroom ratio** is (capacity - used + reusable) / capacity. At 0 the next `connect()` to that pool fails
   with `EADDRNOTAVAIL`, "Cannot assign requested address". Where both ratios are far apart, the host lives on reuse.
9. **`peer="other"`** holds all peers beyond the limit. It has sockets and a counter but no headroom: it is no pool.
10. **The forecast**, `timewait_outbound_exhaustion_seconds`, is when effective headroom comes to 0 if the present rate lasts.
    [FORECAST.md](../analysis/FORECAST.md) says how it is made.
11. Inbound connections share their listener's port and use up none of the range, however many wait in TIME_WAIT.

## What to alert on
The rules for Prometheus are in [deploy/prometheus](../../deploy/prometheus/README.md), each threshold with its reason, and what to
do then in [deploy/runbooks](../../deploy/runbooks/README.md). Who wants only the least:

| expression | meaning |
|---|---|
| `timewait_outbound_port_effective_headroom_ratio < 0.1` | `connect()` to the peer is about to fail, or does |
| `timewait_outbound_exhaustion_seconds < 900` | at the present rate it will within 15 minutes; it is `+Inf` unless it will |
| `timewait_exporter_poll_success == 0` or `up == 0` | nobody would know |

By the same thresholds `/api/v1/snapshot` says what is wrong ([SNAPSHOT.md](SNAPSHOT.md)). Want of ports does not show in
`timewait_tcp_attempt_fails_total`.

## What is where
- A scrape reads what the last good poll found and never asks the kernel itself. Gauges are of the moment of that poll.
- A configured peer or listener is always there: without sockets it shows zeros, and a peer full headroom. A discovered
  listener goes with its last socket; a discovered peer shows zeros for 10 more minutes, unless enough others are tighter:
  then it goes into `other`. Its counter goes with it.
- What a kernel does not tell is absent, not zero. Before the first good poll only the exporter itself and the process
  show.
- Series of a network namespace other than the exporter's own have one label more: `netns`, its name. What is about the
  exporter as a whole has not: build, configuration, host names, process.
- IPv6 addresses are written `[::1]:8080`. IPv4-mapped IPv6 sockets, which a JVM opens, count as IPv4.
- OpenMetrics names a counter's family without `_total`; the series are the same in both formats.
)";

constexpr std::string_view description_of(TcpState state) {
  switch (state) {
    case TcpState::kEstablished:
      return "open";
    case TcpState::kSynSent:
      return "this host has asked, the other end has not answered yet";
    case TcpState::kSynRecv:
      return "the other end has asked, and its last handshake packet is missing";
    case TcpState::kFinWait1:
      return "this host has closed, and its FIN is not acknowledged yet";
    case TcpState::kFinWait2:
      return "this host has closed, the other end has not";
    case TcpState::kTimeWait:
      return "over; this host closed first and holds the 4-tuple for 60 s";
    case TcpState::kCloseWait:
      return "the other end has closed, the program here has not: many of them are a leak";
    case TcpState::kLastAck:
      return "both have closed, and this host's FIN is not acknowledged yet";
    case TcpState::kClosing:
      return "both closed at the same time";
    case TcpState::kClose:
    case TcpState::kListen:
      break;  // not states of a connection
  }
  std::abort();
}

constexpr std::string_view description_of(FailureReason reason) {
  switch (reason) {
    case FailureReason::kUnavailable:
      return "no netlink sock_diag: not in this kernel, or a sandbox forbids it";
    case FailureReason::kSend:
      return "the request could not be sent";
    case FailureReason::kReceive:
      return "the answer could not be received";
    case FailureReason::kTimeout:
      return "the kernel did not answer in time";
    case FailureReason::kOverrun:
      return "the kernel dropped part of its answer";
    case FailureReason::kTruncated:
      return "a datagram was larger than the buffer";
    case FailureReason::kMalformed:
      return "a length inside the answer contradicts another";
    case FailureReason::kKernelError:
      return "the kernel answered with an error";
    case FailureReason::kInterrupted:
      return "the kernel's tables changed while it answered";
    case FailureReason::kSettings:
      return "a sysctl that must be there cannot be read";
    case FailureReason::kNamespace:
      return "the network namespace is gone or cannot be entered";
  }
  std::abort();
}

constexpr std::string_view title_of(Section section) {
  switch (section) {
    case Section::kOutboundPeers:
      return "Outbound peers";
    case Section::kInboundListeners:
      return "Inbound listeners";
    case Section::kHostPorts:
      return "The host's ports and limits";
    case Section::kKernelCounters:
      return "Kernel counters";
    case Section::kDiscovery:
      return "Discovery";
    case Section::kExporter:
      return "The exporter itself";
    case Section::kProcess:
      return "The process";
  }
  std::abort();
}

constexpr std::string_view introduction_of(Section section) {
  switch (section) {
    case Section::kOutboundPeers:
      return "Sockets that this host opened with `connect()`.";
    case Section::kInboundListeners:
      return "Sockets that this host accepted. `listener` is a configured name or `address:port`, "
             "`*:port` for a wildcard.";
    case Section::kHostPorts:
      return "What the network namespace allows, as read at the last good poll.";
    case Section::kKernelCounters:
      return "Events since the network namespace was made: for the host's own, since boot.";
    case Section::kDiscovery:
      return "Peers that no rule of the configuration names.";
    case Section::kExporter:
      return "How the polling goes. Counters start with the exporter.";
    case Section::kProcess:
      return "The standard set of every Prometheus exporter.";
  }
  std::abort();
}

constexpr std::string_view name_of(MetricType type) {
  switch (type) {
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kCounter:
      return "counter";
    case MetricType::kHistogram:
      return "histogram";
  }
  std::abort();
}

std::string concat(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string label_list(const LabelNames& labels) {
  std::string list;
  for (const std::string_view label : labels) {
    list += concat({list.empty() ? "" : ", ", "`", label, "`"});
  }
  return list;
}

std::string table_row(const MetricInfo& info) {
  std::string row = concat({"| `", info.name, "` "});
  const std::string labels = label_list(info.labels);
  for (const std::string_view cell :
       {name_of(info.type), std::string_view(labels), info.unit, info.help}) {
    row += concat({"| ", cell, cell.empty() ? "" : " "});
  }
  return row + "|\n";
}

std::string section_text(Section section) {
  std::string text =
      concat({"\n## ", title_of(section), "\n", introduction_of(section),
              "\n\n| metric | type | labels | unit | meaning |\n|---|---|---|---|---|\n"});
  std::string notes;
  for (const MetricInfo& info : catalogue()) {
    if (info.section != section) continue;
    text += table_row(info);
    if (!info.notes.empty()) notes += concat({"- `", info.name, "`: ", info.notes, "\n"});
  }
  return concat({text, notes.empty() ? "" : "\n", notes});
}

std::string label_values_text() {
  std::string text = "\n## Label values\n| `state` | meaning |\n|---|---|\n";
  for (const TcpState state : inet::kConnectionStates) {
    text += concat({"| `", inet::name_of(state), "` | ", description_of(state), " |\n"});
  }
  text += "\n| `reason` of a failed poll | meaning |\n|---|---|\n";
  for (std::size_t i = 0; i < reading::kFailureReasonNames.size(); ++i) {
    text += concat({"| `", reading::kFailureReasonNames[i], "` | ",
                    description_of(static_cast<FailureReason>(i)), " |\n"});
  }
  return text;
}

}  // namespace

std::string metrics_reference() {
  std::string text(kIntroduction);
  for (const Section section :
       {Section::kOutboundPeers, Section::kInboundListeners, Section::kHostPorts,
        Section::kKernelCounters, Section::kDiscovery, Section::kExporter, Section::kProcess}) {
    text += section_text(section);
  }
  return text + label_values_text();
}

}  // namespace timewait::exposition
