// Remembers how many open sockets the pools had at the polls of the last minute. "Open" is every
// state but TIME_WAIT: a dump does not tell how old such a socket is, nor when it will end. Not
// thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include <tsl/robin_map.h>

#include "analysis/hashing.h"
#include "analysis/per_second.h"
#include "analysis/snapshot.h"

namespace timewait::analysis {

class OpenSockets {
 public:
  using Clock = std::chrono::steady_clock;

  // Whether the last poll updated it.
  bool knows(const PoolKey& pool) const { return histories_.contains(pool); }

  // Opens a poll.
  void begin(Clock::time_point now);

  // How far the poll is from the one before it.
  Clock::duration spacing() const { return now_ - last_poll_; }

  // Sockets that the pool gained in each second, spread evenly between two polls; below zero where
  // it lost some. `open`: what it has at this poll. Call once per pool and poll.
  PerSecond update(const PoolKey& pool, std::uint32_t open);

  // Closes a poll. Pools that it did not update are forgotten. `all_updated`: no pool was left out,
  // so one that was not updated had no sockets.
  void end(bool all_updated);

 private:
  struct Sample {
    Clock::time_point taken_at;
    double open = 0;
  };
  struct History {
    std::vector<Sample> samples;  // oldest first; about one a second at most, for a minute
    bool updated = false;
  };

  void append(std::vector<Sample>& samples, std::uint32_t open) const;
  PerSecond growth_of(const std::vector<Sample>& samples) const;

  tsl::robin_map<PoolKey, History, PoolKeyHash> histories_;
  Clock::time_point now_;
  Clock::time_point last_poll_;
  bool last_poll_saw_all_ = false;
};

}  // namespace timewait::analysis
