// Pools as a poll would count them.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "analysis/pool_table.h"

namespace timewait::analysis {

// Of the low 32 bits.
inline inet::Address ipv4_address(std::uint64_t number) {
  return inet::Address::from_ipv4(static_cast<std::uint32_t>(number));
}

inline PoolTally made_pool(std::uint32_t local, std::uint32_t remote, PortUse ports,
                           std::uint32_t sockets) {
  PoolTally pool;
  pool.key = {ipv4_address(0x0a000001 + local), {ipv4_address(0x0a010000 + remote), 80}, 0};
  pool.ports = ports;
  pool.sockets[inet::TcpState::kTimeWait] = sockets;
  return pool;
}

// In an order of no meaning. `remotes`: how many remote ends share them, about. Their figures are
// below `spread`: the less it is, the more pools are alike but for their keys.
inline std::vector<PoolTally> random_pools(std::size_t size, std::uint32_t remotes,
                                           std::uint32_t spread, std::mt19937& random) {
  std::vector<PoolTally> pools;
  for (std::uint32_t local = 0; pools.size() < size; ++local) {
    const auto used = static_cast<std::uint32_t>(random() % spread);
    const auto reusable = static_cast<std::uint32_t>(random() % (used + 1));
    pools.push_back(made_pool(local, static_cast<std::uint32_t>(random() % remotes),
                              {used, reusable},
                              used + static_cast<std::uint32_t>(random() % spread)));
  }
  return pools;
}

}  // namespace timewait::analysis
