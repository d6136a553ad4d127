// When a pool runs out of ports at its present rate. FORECAST.md says in words what is assumed.
#pragma once

#include <cstdint>

#include "analysis/arrival_rate.h"
#include "analysis/per_second.h"
#include "analysis/snapshot.h"

namespace timewait::analysis {

// What decides when a pool is exhausted. Ports are those that connect() may choose.
struct PoolDemand {
  std::uint32_t capacity = 0;
  std::uint32_t open = 0;  // ports of sockets in any state but TIME_WAIT; they stay taken
  TimeWaitAges time_waits;
  double arrival_rate = 0;  // ports newly taken a second; see arrival_rate()
  double open_growth = 0;   // of those, a second, the ones that stay open; see lasting_growth()
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

// Open sockets a second by which a pool plainly keeps growing, 0 if it may be chance. `growth`:
// see OpenSockets; `open`: the sockets it has now.
double lasting_growth(const PerSecond& growth, std::uint32_t open, Timing timing);

}  // namespace timewait::analysis
