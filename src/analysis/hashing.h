// Hash functions for the keys of this room's tables: multiply-shift over words (Dietzfelbinger et
// al., "A reliable randomized algorithm for the closest-pair problem", 1997). Its high bits are the
// good ones.
#pragma once

#include <cstddef>
#include <cstdint>

#include "analysis/snapshot.h"
#include "inet/endpoint.h"

namespace timewait::analysis {

inline std::uint64_t endpoint_hash(const inet::Endpoint& endpoint) {
  return endpoint.address.high() * 0x9e3779b97f4a7c15 +
         endpoint.address.low() * 0xbf58476d1ce4e5b9 + endpoint.port * 0x94d049bb133111eb;
}

inline std::uint64_t pool_hash(const inet::Address& local, const inet::Endpoint& remote,
                               std::uint32_t zone) {
  return endpoint_hash(remote) + local.high() * 0xd6e8feb86659fd93 +
         local.low() * 0xc2b2ae3d27d4eb4f + zone * 0xff51afd7ed558ccd;
}

// For tables that look at the low bits, to which it brings the highest: words that differ in their
// highest bits only have hashes that do, too.
inline std::size_t low_bits_of(std::uint64_t hash) { return hash >> 32 ^ hash >> 48; }

struct EndpointHash {
  std::size_t operator()(const inet::Endpoint& endpoint) const {
    return low_bits_of(endpoint_hash(endpoint));
  }
};

struct PoolKeyHash {
  std::size_t operator()(const PoolKey& key) const {
    return low_bits_of(pool_hash(key.local, key.remote, key.zone));
  }
};

}  // namespace timewait::analysis
