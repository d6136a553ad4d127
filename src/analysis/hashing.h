// Hash functions for the keys of this room's tables: multiply-shift over words (Dietzfelbinger et
// al., "A reliable randomized algorithm for the closest-pair problem", 1997), whose high bits are
// the good ones. Of the tables' hash functions it is by far the cheapest, and a socket takes two.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "analysis/snapshot.h"
#include "inet/endpoint.h"

namespace timewait::analysis {

// Tables look at the low bits, so the bytes are turned round.
inline std::size_t high_bits(std::uint64_t sum) { return __builtin_bswap64(sum); }

inline std::uint64_t mix(const inet::Endpoint& endpoint) {
  const auto [high, low] = endpoint.address.words();
  return high * 0x9e3779b97f4a7c15 + low * 0xbf58476d1ce4e5b9 + endpoint.port * 0x94d049bb133111eb;
}

struct EndpointHash {
  std::size_t operator()(const inet::Endpoint& endpoint) const { return high_bits(mix(endpoint)); }
};

inline std::size_t pool_hash(const inet::Address& local, const inet::Endpoint& remote,
                             std::uint32_t zone) {
  const auto [high, low] = local.words();
  return high_bits(mix(remote) + high * 0xd6e8feb86659fd93 + low * 0xc2b2ae3d27d4eb4f +
                   zone * 0xff51afd7ed558ccd);
}

struct PoolKeyHash {
  std::size_t operator()(const PoolKey& key) const {
    return pool_hash(key.local, key.remote, key.zone);
  }
};

}  // namespace timewait::analysis
