#include "analysis/peer_ranking.h"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include "analysis/tightness.h"

namespace timewait::analysis {
namespace {

// By how many free ports a peer that is shown may be behind one that is not and yet keep its place.
// Without it, two that are about equal would take turns, and their series with them.
std::uint32_t head_start(const PortCapacity& capacity) {
  return std::max(1u, capacity.ports / 100);
}

// Orders peers, tightest first.
auto tightness(const PeerTally& peer, std::uint32_t ports_ahead) {
  return std::make_tuple(std::int64_t{peer.headroom.free_ports()} - ports_ahead,
                         ~peer.headroom.used, ~peer.sockets.total(), std::cref(peer.remote));
}

// `Tally`: of a pool or a peer.
template <typename Tally>
void count_sockets(const Tally& tally, PeerTally& sum) {
  sum.sockets += tally.sockets;
  sum.time_wait_entered += tally.time_wait_entered;
  sum.lasting_close_waits += tally.lasting_close_waits;
}

}  // namespace

PeerRanking::PeerRanking(std::vector<inet::NamedRule> rules, std::uint32_t max_discovered)
    : rules_(std::move(rules)), max_discovered_(max_discovered) {}

void PeerRanking::set_rules(std::vector<inet::NamedRule> rules, std::uint32_t max_discovered) {
  rules_ = std::move(rules);
  max_discovered_ = max_discovered;
}

void PeerRanking::begin() {
  configured_.assign(rules_.size(), {});
  discovered_.clear();
  folded_ = {};
  numbers_.clear();
  for (const Shown& shown : shown_) {
    if (inet::first_match(rules_, shown.remote)) continue;
    numbers_.emplace(shown.remote, discovered_.size());
    discovered_.push_back({shown.remote});
    discovered_.back().last_busy = shown.last_busy;
  }
}

void PeerRanking::add_evicted(const PoolTally& pool) {
  PeerTally* const peer = tally_of(pool.key.remote);
  count_sockets(pool, peer == nullptr ? folded_ : *peer);
}

RankedPeers PeerRanking::rank(std::span<const PoolTally> pools,
                              std::span<const std::uint32_t> tightest, const PortCapacity& capacity,
                              Clock::time_point now) {
  admit_newcomers(pools, tightest);
  const Headroom all_free{capacity.ports, 0, 0, capacity.first_half};
  for (auto* peers : {&configured_, &discovered_}) {
    for (PeerTally& peer : *peers) peer.headroom = all_free;
  }
  for (std::uint32_t number = 0; number < pools.size(); ++number) {
    const PoolTally& pool = pools[number];
    PeerTally* const shown = tally_of(pool.key.remote);
    PeerTally& peer = shown == nullptr ? folded_ : *shown;
    count_sockets(pool, peer);
    ++peer.pools;
    if (shown == nullptr || (peer.tightest && !is_tighter(pool, pools[*peer.tightest]))) continue;
    peer.tightest = number;
    peer.headroom = headroom_of(pool, capacity);
  }
  forget_idle(now);
  RankedPeers peers = choose(head_start(capacity));
  remember(peers.discovered, now);
  return peers;
}

// Hosts may have very many remote ends, and all but the tightest are folded in any case. The
// tightest pools nearly always have as many as there are places.
void PeerRanking::admit_newcomers(std::span<const PoolTally> pools,
                                  std::span<const std::uint32_t> tightest) {
  TightestRemotes newcomers(pools, max_discovered_);
  const auto offer = [&](std::uint32_t number) {
    if (newcomers.wants(number) && tally_of(pools[number].key.remote) == nullptr) {
      newcomers.offer(number);
    }
  };
  for (const std::uint32_t number : tightest) {
    if (newcomers.size() == max_discovered_) break;
    offer(number);
  }
  if (newcomers.size() < max_discovered_ && tightest.size() < pools.size()) {
    for (std::uint32_t number = 0; number < pools.size(); ++number) offer(number);
  }
  for (const std::uint32_t number : newcomers.found()) {
    const inet::Endpoint& remote = pools[number].key.remote;
    numbers_.emplace(remote, discovered_.size());
    discovered_.push_back({remote});
  }
}

PeerTally* PeerRanking::tally_of(const inet::Endpoint& remote) {
  if (const std::optional<std::size_t> rule = inet::first_match(rules_, remote)) {
    return &configured_[*rule];
  }
  const auto number = numbers_.find(remote);
  return number == numbers_.end() ? nullptr : &discovered_[number->second];
}

void PeerRanking::forget_idle(Clock::time_point now) {
  std::erase_if(discovered_, [now](const PeerTally& peer) {
    return peer.sockets.total() == 0 && now - peer.last_busy.value_or(now) >= kKeptIdle;
  });
}

RankedPeers PeerRanking::choose(std::uint32_t head_start_ports) {
  const auto first = [=](const PeerTally& a, const PeerTally& b) {
    return tightness(a, a.last_busy ? head_start_ports : 0) <
           tightness(b, b.last_busy ? head_start_ports : 0);
  };
  const auto tighter = [](const PeerTally& a, const PeerTally& b) {
    return tightness(a, 0) < tightness(b, 0);
  };
  const std::size_t places = std::min<std::size_t>(max_discovered_, discovered_.size());
  const auto middle = discovered_.begin() + static_cast<std::ptrdiff_t>(places);
  std::partial_sort(discovered_.begin(), middle, discovered_.end(), first);
  std::sort(discovered_.begin(), middle, tighter);

  for (auto peer = middle; peer != discovered_.end(); ++peer) {
    count_sockets(*peer, folded_);
    folded_.pools += peer->pools;
  }
  return {configured_, {discovered_.begin(), middle}, folded_};
}

void PeerRanking::remember(const std::vector<PeerTally>& shown, Clock::time_point now) {
  shown_.clear();
  for (const PeerTally& peer : shown) {
    const bool is_busy = peer.sockets.total() > 0;
    shown_.push_back({peer.remote, is_busy ? now : peer.last_busy.value_or(now)});
  }
}

}  // namespace timewait::analysis
