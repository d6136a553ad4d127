// The pools of a peer, of those that are watched: of one that is shown, or of kOtherPeers.
// Thread-safe.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "analysis/snapshot.h"

namespace timewait::analysis {

// Null if it has none.
inline const Pool* tightest_pool(const Snapshot& snapshot, std::string_view peer) {
  const auto found = std::find_if(snapshot.pools.begin(), snapshot.pools.end(),
                                  [&](const Pool& pool) { return pool.peer == peer; });
  return found == snapshot.pools.end() ? nullptr : &*found;
}

// The one that its forecast is of: runs out first. Null if none does.
inline const Pool* first_exhausted(const Snapshot& snapshot, std::string_view peer) {
  const Pool* first = nullptr;
  for (const Pool& pool : snapshot.pools) {
    if (pool.peer != peer || std::isinf(pool.exhaustion_seconds)) continue;
    if (first == nullptr || pool.exhaustion_seconds < first->exhaustion_seconds) first = &pool;
  }
  return first;
}

// "from 10.0.0.1 to 10.0.0.9:443".
inline std::string ends_of(const PoolKey& pool) {
  return "from " + pool.local.to_string() + " to " + pool.remote.to_string();
}

}  // namespace timewait::analysis
