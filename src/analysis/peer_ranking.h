// From pools to peers: which are shown, in which order, and which are folded.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/pool_table.h"
#include "analysis/snapshot.h"
#include "inet/endpoint.h"
#include "inet/matcher.h"

namespace timewait::analysis {

// What one poll counts for one peer.
struct PeerTally {
  inet::Endpoint remote;  // of a discovered peer; configured ones have a name instead
  StateCounts sockets{};
  std::uint64_t time_wait_entered = 0;
  std::uint32_t pools = 0;
  Headroom headroom{};
  std::optional<std::uint32_t> tightest{};  // the pool's number
};

struct RankedPeers {
  std::vector<PeerTally> configured;  // one for each rule, in order
  std::vector<PeerTally> discovered;  // tightest first, at most `max_discovered`
  PeerTally folded;                   // the sum of the others; it has no headroom
};

// `capacity` is that of every pool: what takes ports away from one takes them from all.
RankedPeers rank_peers(std::span<const PoolTally> pools, const std::vector<inet::NamedRule>& rules,
                       const PortCapacity& capacity, std::uint32_t max_discovered);

// Whether a pool is tighter than another: it has less effective headroom, or as much and more ports
// are used. Beyond that it only serves to be the same every time.
bool is_tighter(const PoolTally& a, const PoolTally& b);

}  // namespace timewait::analysis
