// Finds a pool's number by its key. 12 bytes for each slot, since hosts may have very many pools and
// one that is looked up is seldom in the processor's cache; the keys are where the pools are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <tsl/robin_set.h>

#include "analysis/hashing.h"
#include "analysis/snapshot.h"

namespace timewait::analysis {

class PoolIndex {
 public:
  // The number in `pools`, whose elements have a `key`, of the pool with this key. If there is none
  // the key gets the next number: the caller then appends its pool.
  template <typename Pool>
  std::uint32_t number_of(const inet::Address& local, const inet::Endpoint& remote,
                          std::uint32_t zone, const std::vector<Pool>& pools) {
    const auto hash = static_cast<std::uint32_t>(pool_hash(local, remote, zone));
    const auto is_it = [&](const Slot& slot) {
      const PoolKey& key = pools[slot.number].key;
      return key.remote == remote && key.local == local && key.zone == zone;
    };
    const auto found = slots_.find(Wanted<decltype(is_it)>{is_it}, hash);
    if (found != slots_.end()) return found->number;
    const auto next = static_cast<std::uint32_t>(pools.size());
    slots_.insert({hash, next});
    return next;
  }

  // It keeps its memory.
  void clear() { slots_.clear(); }

  // After `pools` was put into another order, or has lost some.
  template <typename Pool>
  void rebuild(const std::vector<Pool>& pools) {
    slots_.clear();
    for (std::uint32_t number = 0; number < pools.size(); ++number) {
      slots_.insert({hash_of(pools[number].key), number});
    }
  }

 private:
  static std::uint32_t hash_of(const PoolKey& key) {
    return static_cast<std::uint32_t>(PoolKeyHash()(key));
  }

  struct Slot {
    std::uint32_t hash;
    std::uint32_t number;
  };

  template <typename Predicate>
  struct Wanted {
    const Predicate& is_it;
  };

  struct SlotHash {
    std::size_t operator()(const Slot& slot) const { return slot.hash; }
  };

  struct SlotEqual {
    using is_transparent = void;
    bool operator()(const Slot& a, const Slot& b) const { return a.number == b.number; }
    template <typename Predicate>
    bool operator()(const Slot& slot, const Wanted<Predicate>& wanted) const {
      return wanted.is_it(slot);
    }
  };

  tsl::robin_set<Slot, SlotHash, SlotEqual> slots_;
};

}  // namespace timewait::analysis
