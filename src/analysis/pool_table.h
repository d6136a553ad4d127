// The pools of one poll: counts outbound sockets by (local address, remote address, remote port).
// Not thread-safe.
//
// There is room for kMaxPools, whatever the number of remote endpoints. When they are all taken the
// smallest are evicted, as in lossy counting (Manku and Motwani, "Approximate Frequency Counts over
// Data Streams", 2002). A pool that is spared is exact. Of any other, at most one socket is missing
// for every 60,000 outbound sockets of the poll: so a pool with more than that is always there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "analysis/pool_index.h"
#include "analysis/port_rules.h"
#include "analysis/snapshot.h"
#include "reading/socket_record.h"

namespace timewait::analysis {

// Sockets of a pool on usable ports; a port occurs once per pool.
struct PortUse {
  std::uint32_t used = 0;
  std::uint32_t reusable = 0;  // of those, see is_reusable()
};

// What polls before tell of a socket.
struct SocketHistory {
  bool entered_time_wait = false;    // since the last poll
  bool lasts_in_close_wait = false;  // see LastingCloseWaits
};

// What one poll counts for one pool.
struct PoolTally {
  PoolTally() = default;
  PoolTally(const PoolKey& pool, bool reuse, std::uint32_t lack)
      : key(pool), may_reuse(reuse), may_lack(lack) {}

  PoolKey key;
  bool may_reuse = false;  // see may_reuse()
  StateCounts sockets{};
  PortUse ports{};
  PortUse first_half{};               // of the ports, those that connect() tries first
  std::uint32_t time_waits_used = 0;  // of the used ports, those in TIME_WAIT
  std::uint32_t time_wait_entered = 0;
  std::uint32_t lasting_close_waits = 0;
  std::uint32_t may_lack = 0;  // so many sockets at most were counted and evicted before
};

class PoolTable {
 public:
  static constexpr std::size_t kMaxPools = 131'072;

  // `max_pools`: kMaxPools at most.
  explicit PoolTable(std::size_t max_pools = kMaxPools) : max_pools_(max_pools) {}

  // Empties the table; it keeps its memory.
  void clear();

  // There may be no room for another pool: evict() before the next add().
  bool is_full() const { return pools_.size() >= max_pools_; }

  // Makes room: evicts the smaller half at least of the pools that are not spared, and gives each
  // to `take`. Numbers change.
  void evict(const std::function<bool(const PoolKey&)>& is_spared,
             const std::function<void(const PoolTally&)>& take);

  // Makes add() of the same socket faster if it comes soon, and does nothing else. Worth its while
  // if outgrows_cache().
  bool outgrows_cache() const { return index_.outgrows_cache(); }
  [[gnu::always_inline]] void prefetch(const reading::SocketRecord& socket) const {
    index_.prefetch(socket.local.address, socket.remote, zone_of(socket));
  }

  // Counts an outbound socket.
  void add(const reading::SocketRecord& socket, const UsablePorts& usable,
           const reading::TcpSettings& settings, const SocketHistory& history);

  // In the order in which they came; an index into it is a pool's number.
  std::span<const PoolTally> pools() const { return pools_; }

  // The ages of the TIME_WAIT sockets on usable ports, for each of the `wanted` pools by number.
  std::vector<TimeWaitAges> ages_of(std::span<const std::uint32_t> wanted) const;

 private:
  std::uint32_t number_of(const reading::SocketRecord& socket,
                          const reading::TcpSettings& settings);
  static std::uint32_t zone_of(const reading::SocketRecord& socket) {
    return socket.remote.address.is_link_local() ? socket.interface : 0;
  }
  std::uint32_t median_size(const std::vector<bool>& spared) const;
  void renumber_time_waits(std::span<const std::uint32_t> new_numbers);

  // Four bytes, since there is one for each socket.
  class TimeWait {
   public:
    TimeWait(std::uint32_t pool, std::uint32_t age_seconds)
        : packed_(pool << kAgeBits | age_seconds) {}

    std::uint32_t pool() const { return packed_ >> kAgeBits; }
    std::uint32_t age_seconds() const { return packed_ & ((1u << kAgeBits) - 1); }  // 60: overdue

   private:
    static constexpr int kAgeBits = 6;
    static_assert(PoolIndex::kMaxNumbers <= std::size_t{1} << (32 - kAgeBits));

    std::uint32_t packed_;
  };

  // Beyond kMaxPools there may be the pools that are spared.
  static_assert(kMaxPools < PoolIndex::kMaxNumbers);

  std::size_t max_pools_;
  // Of the pools evicted, the largest with what it may have lacked.
  std::uint32_t evicted_size_ = 0;
  std::vector<PoolTally> pools_;
  PoolIndex index_;
  // Which pools are worth a histogram is known only when all sockets are counted.
  std::vector<TimeWait> time_waits_;
};

// The headroom of a pool, given what every pool has.
Headroom headroom_of(const PoolTally& pool, const PortCapacity& capacity);

}  // namespace timewait::analysis
