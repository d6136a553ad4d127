#include "analysis/peer_ranking.h"

#include <algorithm>
#include <tuple>

#include <tsl/robin_map.h>

#include "analysis/hashing.h"

namespace timewait::analysis {
namespace {

// The order of tightness. Beyond the effective headroom it only serves to be the same every time.
auto tightness(const Headroom& headroom) {
  return std::make_tuple(headroom.free_ports(), ~headroom.used);
}

bool is_tighter(const PeerTally& a, const PeerTally& b) {
  return std::make_tuple(tightness(a.headroom), ~a.sockets.total(), a.remote) <
         std::make_tuple(tightness(b.headroom), ~b.sockets.total(), b.remote);
}

}  // namespace

void PeerTally::add(const PoolKey& key, const PoolTally& pool, std::uint32_t capacity) {
  sockets += pool.sockets;
  time_wait_entered += pool.time_wait_entered;
  ++pools;
  // A dump of changing tables may show a socket twice, and the successor beside a reused TIME_WAIT.
  const std::uint32_t used = std::min(pool.used, capacity);
  const Headroom candidate{capacity, used, std::min(pool.reusable, used)};
  if (!tightest || std::make_tuple(tightness(candidate), key) <
                       std::make_tuple(tightness(headroom), *tightest)) {
    headroom = candidate;
    tightest = key;
  }
}

RankedPeers rank_peers(const PoolTable& pools, const std::vector<inet::NamedRule>& rules,
                       std::uint32_t capacity, std::uint32_t max_discovered) {
  RankedPeers peers;
  peers.configured.resize(rules.size());
  for (PeerTally& peer : peers.configured) peer.headroom.capacity = capacity;

  std::vector<PeerTally> discovered;
  tsl::robin_map<inet::Endpoint, std::size_t, EndpointHash> index;
  for (const auto& [key, pool] : pools) {
    if (const std::optional<std::size_t> rule = inet::first_match(rules, key.remote)) {
      peers.configured[*rule].add(key, pool, capacity);
      continue;
    }
    const auto [position, is_first] = index.try_emplace(key.remote, discovered.size());
    if (is_first) discovered.push_back({key.remote});
    discovered[position->second].add(key, pool, capacity);
  }

  const std::size_t shown = std::min<std::size_t>(max_discovered, discovered.size());
  const auto middle = discovered.begin() + static_cast<std::ptrdiff_t>(shown);
  std::partial_sort(discovered.begin(), middle, discovered.end(), is_tighter);
  for (auto peer = middle; peer != discovered.end(); ++peer) {
    peers.folded.sockets += peer->sockets;
    peers.folded.time_wait_entered += peer->time_wait_entered;
    peers.folded.pools += peer->pools;
  }
  discovered.resize(shown);
  peers.discovered = std::move(discovered);
  return peers;
}

}  // namespace timewait::analysis
