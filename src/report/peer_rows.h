// The peers of a network namespace as rows of a table: plain figures, to sort, filter and lay out.
// Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/exporter_state.h"
#include "analysis/findings.h"
#include "analysis/snapshot.h"

namespace timewait::report {

// A peer. Headroom and rates are of its tightest pool, sockets are all that it has.
struct PeerRow {
  std::string peer;
  std::optional<analysis::PoolKey> tightest;  // absent where it has no pool
  std::uint32_t pools = 0;
  std::optional<analysis::Headroom> headroom;  // absent for kOtherPeers
  std::uint32_t time_wait = 0;
  std::uint32_t established = 0;
  std::uint32_t close_wait = 0;
  std::optional<double> arrival_rate;      // absent where it is not known
  std::optional<double> sustainable_rate;  // likewise
  double exhaustion_seconds = 0;           // +Inf: not on course to be
  // Of the findings about it, if there are any: of all, of those about the ports that are left,
  // about the pace at which they go, and about CLOSE_WAIT.
  std::optional<analysis::Severity> worst;
  std::optional<analysis::Severity> ports;
  std::optional<analysis::Severity> pace;
  std::optional<analysis::Severity> unclosed;
};

// Configured peers and discovered ones, tightest first; then those that are folded. None where
// there is no snapshot.
std::vector<PeerRow> peer_rows(const analysis::NamespaceState& state,
                               const std::vector<analysis::Finding>& findings,
                               std::chrono::steady_clock::time_point now);

}  // namespace timewait::report
