// Finds a pool's number by its key.
//
// Hosts may have very many pools, and one that is looked up is then seldom in the processor's
// cache. So a slot has four bytes, and the keys stay where the pools are: open addressing with
// linear probing, at most a quarter full, with some bits of the hash beside the number.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/hashing.h"
#include "analysis/snapshot.h"

namespace timewait::analysis {

class PoolIndex {
 public:
  // Numbers are less than this.
  static constexpr std::uint32_t kMaxNumbers = (std::uint32_t{1} << 18) - 1;

  // The number in `pools`, whose elements have a `key`, of the pool with this one. If there is none
  // the key gets the next number: the caller then appends its pool.
  template <typename Pool>
  std::uint32_t number_of(const inet::Address& local, const inet::Endpoint& remote,
                          std::uint32_t zone, const std::vector<Pool>& pools) {
    const std::uint64_t hash = pool_hash(local, remote, zone);
    for (std::size_t i = home_of(hash);; i = next(i)) {
      const std::uint32_t slot = slots_[i];
      if (slot == 0) break;
      if ((slot & kTagMask) != tag_of(hash)) continue;
      const PoolKey& key = pools[number_in(slot)].key;
      if (key.remote == remote && key.local == local && key.zone == zone) return number_in(slot);
    }
    const auto number = static_cast<std::uint32_t>(pools.size());
    if (4 * (pools.size() + 1) > slots_.size()) {
      slots_.resize(2 * slots_.size());
      rebuild(pools);
    }
    insert(hash, number);
    return number;
  }

  // Whether there are so many slots that one is seldom in the processor's cache.
  bool outgrows_cache() const { return slots_.size() > kFewSlots; }

  // Fetches what number_of() will look at first; then it need not wait for that. Inline, since gcc
  // takes a call for one without effect.
  [[gnu::always_inline]] void prefetch(const inet::Address& local, const inet::Endpoint& remote,
                                       std::uint32_t zone) const {
    __builtin_prefetch(&slots_[home_of(pool_hash(local, remote, zone))]);
  }

  // Forgets all; it keeps its memory.
  void clear() { std::fill(slots_.begin(), slots_.end(), 0); }

  // Makes it that of `pools`, of which there are no more than before.
  template <typename Pool>
  void rebuild(const std::vector<Pool>& pools) {
    clear();
    for (std::uint32_t number = 0; number < pools.size(); ++number) {
      const PoolKey& key = pools[number].key;
      insert(pool_hash(key.local, key.remote, key.zone), number);
    }
  }

 private:
  static constexpr std::uint32_t kTagMask = ~kMaxNumbers;
  static constexpr std::size_t kFewSlots = std::size_t{1} << 13;  // 32 KiB

  static std::uint32_t tag_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> 16) & kTagMask;
  }
  // 0 is an empty slot.
  static std::uint32_t number_in(std::uint32_t slot) { return (slot & ~kTagMask) - 1; }

  void insert(std::uint64_t hash, std::uint32_t number) {
    std::size_t i = home_of(hash);
    while (slots_[i] != 0) i = next(i);
    slots_[i] = tag_of(hash) | (number + 1);
  }

  // The highest bits, as many as number the slots.
  std::size_t home_of(std::uint64_t hash) const { return (hash >> 32) * slots_.size() >> 32; }
  std::size_t next(std::size_t place) const { return (place + 1) & (slots_.size() - 1); }

  std::vector<std::uint32_t> slots_ = std::vector<std::uint32_t>(kFewSlots);
};

}  // namespace timewait::analysis
