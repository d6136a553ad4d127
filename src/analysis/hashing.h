// Hash functions for the keys of this room's tables.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>

#include "analysis/snapshot.h"
#include "inet/endpoint.h"

namespace timewait::analysis {

// Over words rather than over the structs, whose padding is not defined.
template <std::size_t N>
std::size_t hash_words(const std::array<std::uint64_t, N>& words) {
  return std::hash<std::string_view>()(
      {reinterpret_cast<const char*>(words.data()), sizeof(words)});
}

inline std::array<std::uint64_t, 2> address_words(const inet::Address& address) {
  std::array<std::uint64_t, 2> words;
  std::memcpy(words.data(), address.bytes().data(), sizeof(words));
  return words;
}

struct EndpointHash {
  std::size_t operator()(const inet::Endpoint& endpoint) const {
    const auto [high, low] = address_words(endpoint.address);
    return hash_words<3>({high, low, endpoint.port});
  }
};

struct PoolKeyHash {
  std::size_t operator()(const PoolKey& key) const {
    const auto [local_high, local_low] = address_words(key.local);
    const auto [remote_high, remote_low] = address_words(key.remote.address);
    return hash_words<5>({local_high, local_low, remote_high, remote_low,
                          std::uint64_t{key.zone} << 16 | key.remote.port});
  }
};

}  // namespace timewait::analysis
