// The peers of a network namespace as rows of a table: plain figures, to sort, filter and lay out.
// Thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/exporter_state.h"
#include "analysis/findings.h"

namespace timewait::report {

// A peer. Headroom and rates are of its tightest pool, sockets are all that it has.
struct PeerRow {
  std::string peer;
  std::optional<analysis::PoolKey> tightest;  // absent where it has no pool
  std::uint32_t pools = 0;
  std::optional<analysis::Headroom> headroom;  // absent for kOtherPeers
  std::uint32_t time_wait = 0;
  std::uint32_t established = 0;
  std::optional<double> arrival_rate;       // absent where it is not known
  std::optional<double> sustainable_rate;   // likewise
  double exhaustion_seconds = 0;            // +Inf: not on course to be
  std::optional<analysis::Severity> worst;  // of the findings about its ports, if there are any
};

// Configured peers, discovered ones, and those that are folded; tightest first.
std::vector<PeerRow> peer_rows(const analysis::NamespaceState& state,
                               const std::vector<analysis::Finding>& findings,
                               std::chrono::steady_clock::time_point now);

}  // namespace timewait::report
