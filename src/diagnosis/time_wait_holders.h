// Whose the TIME_WAIT sockets of a network namespace are. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "analysis/snapshot.h"

namespace timewait::diagnosis {

struct TimeWaitHolder {
  std::string name;  // of a peer, or of a listener; kOtherPeers
  std::uint32_t sockets = 0;
};

struct TimeWaitHolders {
  std::uint32_t outbound = 0;  // of connections that this host opened
  std::uint32_t inbound = 0;   // that it accepted
  TimeWaitHolder peer;         // that has most of the outbound ones
  TimeWaitHolder listener;     // likewise
};

TimeWaitHolders time_wait_holders(const analysis::Snapshot& snapshot);

}  // namespace timewait::diagnosis
