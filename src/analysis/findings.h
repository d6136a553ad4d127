// What is wrong, in sentences: for the top of the status page, and for whoever reads the snapshot.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/exporter_state.h"

namespace timewait::analysis {

// Most urgent first.
enum class Severity {
  kCritical,  // connections fail, or are about to; or nobody would know
  kWarning,   // it is coming to that
  kInfo,      // works, but not as well as it could
};

// In the order in which findings of one severity come.
enum class FindingKind {
  kPoll,               // the exporter's own namespace: the figures are old, or there are none
  kHeadroom,           // effective headroom: critical below 10 %, warning below 20 %
  kExhaustion,         // the forecast: critical within 1 min, warning within 15 min
  kAcceptQueue,        // critical if one is full, warning if above 80 % of its places are taken
  kArrivalRate,        // more than can be sustained
  kTimeWaitLimit,      // TIME_WAIT sockets above 90 % of tcp_max_tw_buckets, or beyond it
  kBoundPorts,         // more than a tenth of the usable ephemeral ports is held by bind()
  kCloseWait,          // 20 sockets or more stay in CLOSE_WAIT
  kNamespace,          // another namespace: the figures are old, or there are none
  kReload,             // the last one failed
  kHostName,           // one does not resolve
  kSlowConnect,        // no port left in the half of the range that connect() tries first
  kEphemeralListener,  // listens on a port that connect() would take while nothing does
  kFoldedPeers,        // peers beyond the limit are not shown by name
};

inline constexpr std::array<std::string_view, 3> kSeverityNames = {"critical", "warning", "info"};
inline constexpr std::array<std::string_view, 14> kFindingKindNames = {"poll",
                                                                       "headroom",
                                                                       "exhaustion",
                                                                       "accept_queue",
                                                                       "arrival_rate",
                                                                       "time_wait_limit",
                                                                       "bound_ports",
                                                                       "close_wait",
                                                                       "namespace",
                                                                       "reload",
                                                                       "host_name",
                                                                       "slow_connect",
                                                                       "ephemeral_listener",
                                                                       "folded_peers"};

constexpr std::string_view name_of(Severity severity) {
  return kSeverityNames[static_cast<std::size_t>(severity)];
}
constexpr std::string_view name_of(FindingKind kind) {
  return kFindingKindNames[static_cast<std::size_t>(kind)];
}

struct Finding {
  Severity severity;
  FindingKind kind;
  std::string netns{};                    // the namespace's name; empty for the exporter's own
  std::optional<std::string> peer{};      // that it is about, if it is about one; or kOtherPeers
  std::optional<std::string> listener{};  // likewise
  std::string text{};                     // plain English, one sentence, with the figures in it
};

// Most urgent first; nothing is wrong where there are none. What one finding says of a peer no
// other repeats. `now`: forecasts have counted down since the poll, and figures have aged.
// Thread-safe.
std::vector<Finding> findings_of(const ExporterState& state,
                                 std::chrono::steady_clock::time_point now);

}  // namespace timewait::analysis
