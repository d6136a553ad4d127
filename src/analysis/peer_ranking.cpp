#include "analysis/peer_ranking.h"

#include <algorithm>
#include <tuple>

#include <tsl/robin_map.h>

#include "analysis/hashing.h"

namespace timewait::analysis {
namespace {

class Ranking {
 public:
  Ranking(std::span<const PoolTally> pools, const PortCapacity& capacity)
      : pools_(pools), capacity_(capacity) {}

  void add(std::uint32_t number, PeerTally& peer) const {
    const PoolTally& pool = pools_[number];
    peer.sockets += pool.sockets;
    peer.time_wait_entered += pool.time_wait_entered;
    ++peer.pools;
    if (!peer.tightest || is_tighter(pool, pools_[*peer.tightest])) {
      peer.tightest = number;
      peer.headroom = headroom_of(pool, capacity_);
    }
  }

  bool operator()(const PeerTally& a, const PeerTally& b) const { return order(a) < order(b); }

 private:
  static std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, inet::Endpoint> order(
      const PeerTally& peer) {
    return {peer.headroom.free_ports(), ~peer.headroom.used, ~peer.sockets.total(), peer.remote};
  }

  std::span<const PoolTally> pools_;
  PortCapacity capacity_;
};

void fold(const PeerTally& peer, PeerTally& folded) {
  folded.sockets += peer.sockets;
  folded.time_wait_entered += peer.time_wait_entered;
  folded.pools += peer.pools;
}

}  // namespace

bool is_tighter(const PoolTally& a, const PoolTally& b) {
  const auto order = [](const PoolTally& pool) {
    const std::int64_t lost = std::int64_t{pool.ports.used} - pool.ports.reusable;
    return std::make_tuple(-lost, -std::int64_t{pool.ports.used}, std::cref(pool.key));
  };
  return order(a) < order(b);
}

RankedPeers rank_peers(std::span<const PoolTally> pools, const std::vector<inet::NamedRule>& rules,
                       const PortCapacity& capacity, std::uint32_t max_discovered) {
  const Ranking ranking(pools, capacity);
  const Headroom all_free{capacity.ports, 0, 0, capacity.first_half};
  RankedPeers peers;
  peers.configured.resize(rules.size());
  for (PeerTally& peer : peers.configured) peer.headroom = all_free;

  std::vector<PeerTally>& discovered = peers.discovered;
  tsl::robin_map<inet::Endpoint, std::size_t, EndpointHash> index;
  for (std::uint32_t number = 0; number < pools.size(); ++number) {
    const inet::Endpoint& remote = pools[number].key.remote;
    if (const std::optional<std::size_t> rule = inet::first_match(rules, remote)) {
      ranking.add(number, peers.configured[*rule]);
      continue;
    }
    const auto [position, is_first] = index.try_emplace(remote, discovered.size());
    if (is_first) discovered.push_back({remote});
    ranking.add(number, discovered[position->second]);
  }

  const std::size_t shown = std::min<std::size_t>(max_discovered, discovered.size());
  const auto middle = discovered.begin() + static_cast<std::ptrdiff_t>(shown);
  std::partial_sort(discovered.begin(), middle, discovered.end(), ranking);
  for (auto peer = middle; peer != discovered.end(); ++peer) fold(*peer, peers.folded);
  discovered.resize(shown);
  return peers;
}

}  // namespace timewait::analysis
