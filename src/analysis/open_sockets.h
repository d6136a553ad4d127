// Remembers how many open sockets the pools had at the polls of the last minute, and more coarsely
// of the last ten. "Open" is every state but TIME_WAIT: a dump does not tell how old such a socket
// is, nor when it will end. Not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <tsl/robin_map.h>

#include "analysis/hashing.h"
#include "analysis/per_second.h"
#include "analysis/snapshot.h"

namespace timewait::analysis {

// What a pool had at a poll.
struct OpenCount {
  std::chrono::steady_clock::time_point taken_at;
  double open = 0;
};

class OpenSockets {
 public:
  using Clock = std::chrono::steady_clock;

  // How long counts are kept, how far apart they are at least, but for the newest, and hence how
  // many there are at most.
  static constexpr std::chrono::seconds kMemory{600};
  static constexpr std::chrono::seconds kCountDistance{4};
  static constexpr std::size_t kMaxCounts = kMemory / kCountDistance + 2;

  // What is known of a pool.
  struct Course {
    // Sockets gained in each second of the last minute, spread evenly between two polls; below zero
    // where some were lost.
    PerSecond growth;
    std::span<const OpenCount> counts;  // oldest first, the newest is of this poll
    Clock::duration reach{0};           // how far the growth looks back, at most a minute
  };

  // Whether the last poll updated it.
  bool knows(const PoolKey& pool) const { return histories_.contains(pool); }

  // Opens a poll.
  void begin(Clock::time_point now);

  // How far the poll is from the one before it.
  Clock::duration spacing() const { return now_ - last_poll_; }

  // `open`: what the pool has at this poll. Call once per pool and poll. The counts can be read
  // until the next poll.
  Course update(const PoolKey& pool, std::uint32_t open);

  // Closes a poll. Pools that it did not update are forgotten. `all_updated`: no pool was left out,
  // so one that was not updated had no sockets.
  void end(bool all_updated);

 private:
  // Both oldest first; one that is older than the time they cover stays: it tells what that began
  // with.
  struct History {
    std::vector<OpenCount> minute;  // about one a second at most
    std::vector<OpenCount> counts;
    bool updated = false;
  };

  PerSecond growth_of(const std::vector<OpenCount>& minute) const;

  tsl::robin_map<PoolKey, History, PoolKeyHash> histories_;
  Clock::time_point now_;
  Clock::time_point last_poll_;
  bool last_poll_saw_all_ = false;
};

}  // namespace timewait::analysis
