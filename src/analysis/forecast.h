// When a pool runs out of ports at its present rate. FORECAST.md says in words what is assumed.
#pragma once

#include <cstdint>

#include "analysis/lasting_growth.h"
#include "analysis/snapshot.h"

namespace timewait::analysis {

// What decides when a pool is exhausted. Ports are those that connect() may choose.
struct PoolDemand {
  std::uint32_t capacity = 0;
  std::uint32_t open = 0;  // ports of sockets in any state but TIME_WAIT; they stay taken
  TimeWaitAges time_waits;
  double arrival_rate = 0;  // ports newly taken a second; see arrival_rate()
  Growth open_growth;       // of those, the ones that stay open
  // How long a closed connection keeps its port at most, in seconds: until the timer wheel has
  // ended its TIME_WAIT, or until the port may be reused.
  double hold_seconds = 0;
  // By how much, in seconds, the timer wheel may be late; 0 where ports are reused.
  double hold_slack_seconds = 0;
  // TIME_WAIT sockets the pool may come to have before tcp_max_tw_buckets cuts them short.
  double time_wait_room = 0;
};

// Seconds until no port is left; 0 if none is left, +Inf if it does not come to that within a day:
// a minute does not tell what comes then.
double seconds_to_exhaustion(const PoolDemand& demand);

}  // namespace timewait::analysis
