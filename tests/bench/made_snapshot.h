// A snapshot with very much in it.
#pragma once

#include <chrono>
#include <cstdint>

#include "analysis/snapshot.h"

namespace timewait::bench {

// What there is to see of the host.
struct MadeHost {
  std::uint32_t pools = 0;  // each of a peer of its own
  std::uint32_t shown_peers = 0;
  std::uint32_t listeners = 0;
};

// As a poll at this moment finds the host, with some 100 TIME_WAIT sockets in each pool and of each
// listener.
analysis::Snapshot made_snapshot(const MadeHost& host,
                                 std::chrono::steady_clock::time_point taken_at);

}  // namespace timewait::bench
