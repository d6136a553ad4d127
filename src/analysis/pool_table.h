// The pools of one poll: counts outbound sockets by (local address, remote address, remote port).
// Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tsl/robin_map.h>

#include "analysis/hashing.h"
#include "analysis/port_rules.h"
#include "analysis/snapshot.h"
#include "reading/socket_record.h"

namespace timewait::analysis {

// Sockets of a pool on usable ports; a port occurs once per pool.
struct PortUse {
  std::uint32_t used = 0;
  std::uint32_t reusable = 0;  // of those, see is_reusable()
};

// What one poll counts for one pool.
struct PoolTally {
  PoolKey key;
  StateCounts sockets{};
  PortUse ports{};
  PortUse first_half{};               // of the ports, those that connect() tries first
  std::uint32_t time_waits_used = 0;  // of the used ports, those in TIME_WAIT
  std::uint32_t time_wait_entered = 0;
};

class PoolTable {
 public:
  // Empties the table; it keeps its memory.
  void clear();

  // Counts an outbound socket.
  void add(const reading::SocketRecord& socket, const UsablePorts& usable,
           const reading::TcpSettings& settings, bool entered_time_wait);

  // In the order in which they were first seen; an index into it is a pool's number.
  std::span<const PoolTally> pools() const { return pools_; }

  // The ages of the TIME_WAIT sockets on usable ports, for each of the `wanted` pools by number.
  std::vector<TimeWaitAges> ages_of(std::span<const std::uint32_t> wanted) const;

 private:
  PoolTally& tally_of(const reading::SocketRecord& socket);

  struct TimeWait {
    std::uint32_t pool;
    std::uint16_t age_milliseconds;  // at most 60,000
  };

  std::vector<PoolTally> pools_;
  tsl::robin_map<PoolKey, std::uint32_t, PoolKeyHash> numbers_;
  // Which pools are worth a histogram is known only when all sockets are counted.
  std::vector<TimeWait> time_waits_;
};

// The headroom of a pool, given what every pool has.
Headroom headroom_of(const PoolTally& pool, const PortCapacity& capacity);

}  // namespace timewait::analysis
