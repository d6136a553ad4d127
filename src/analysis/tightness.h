// Which pools matter most. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <tsl/robin_map.h>

#include "analysis/hashing.h"
#include "analysis/pool_table.h"
#include "inet/endpoint.h"

namespace timewait::analysis {

// Whether a pool is tighter than another: it has less effective headroom, or as much and more ports
// are used, or as many and it has more sockets. Beyond that it only serves to be the same every
// time.
bool is_tighter(const PoolTally& a, const PoolTally& b);

// The tightest of the pools by number, at most `count`; tightest first.
std::vector<std::uint32_t> tightest(std::span<const PoolTally> pools, std::size_t count);

// Of the pools it is offered, finds for each remote end the tightest, and of the remote ends the
// `count` whose pools are tightest. It never holds more than twice as many.
class TightestRemotes {
 public:
  TightestRemotes(std::span<const PoolTally> pools, std::size_t count);

  // Of remote ends that it holds; `count` at least if so many were offered.
  std::size_t size() const { return pool_of_.size(); }
  // False if the pool cannot be among those found, as most of very many: it need not be offered.
  bool wants(std::uint32_t number) const {
    return !bar_ || is_tighter(pools_[number], pools_[*bar_]);
  }
  void offer(std::uint32_t number);

  // The numbers of the pools found, tightest first.
  std::vector<std::uint32_t> found() const;

 private:
  void drop_surplus();

  std::span<const PoolTally> pools_;
  std::size_t count_;
  tsl::robin_map<inet::Endpoint, std::uint32_t, EndpointHash> pool_of_;
  // `count` remote ends have this pool or tighter ones; absent until something was dropped.
  std::optional<std::uint32_t> bar_;
};

}  // namespace timewait::analysis
