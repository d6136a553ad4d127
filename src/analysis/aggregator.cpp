#include "analysis/aggregator.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include <tsl/robin_map.h>

#include "analysis/hashing.h"
#include "analysis/tightness.h"

namespace timewait::analysis {
namespace {

using inet::TcpState;
using reading::SocketRecord;

constexpr double kNever = std::numeric_limits<double>::infinity();
const std::string kOther(kOtherPeers);

// A few sockets take about as long as memory does to answer.
constexpr std::size_t kAhead = 8;

// So many seconds back arrival_rate() takes the level from.
constexpr std::chrono::seconds kOverflowTells{15};

// Ascending, and each once.
template <typename Value>
std::vector<Value> as_set(std::vector<Value> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace

Aggregator::Aggregator(Rules rules)
    : rules_(std::move(rules)),
      listeners_(rules_.listeners, rules_.own_listeners),
      ranking_(rules_.peers, rules_.max_discovered_peers) {}

void Aggregator::set_rules(Rules rules) {
  rules_ = std::move(rules);
  listeners_ = ListenerTable(rules_.listeners, rules_.own_listeners);
  ranking_.set_rules(rules_.peers, rules_.max_discovered_peers);
}

void Aggregator::begin(const reading::TcpSettings& settings, const inet::PortSet& audited_ports) {
  settings_ = settings;
  audited_ports_ = audited_ports;
  held_ports_.clear();
  outbound_ports_.clear();
  inbound_ports_.clear();
  all_holders_seen_ = false;
  sockets_read_ = 0;
  time_wait_sockets_ = 0;
  listeners_.clear();
  former_listeners_.begin();
  pools_.clear();
  ranking_.begin();
  time_waits_.begin();
  close_waits_.begin();
}

void Aggregator::add(std::span<const SocketRecord> sockets) {
  sockets_read_ += sockets.size();
  const std::size_t last_to_prefetch = pools_.outgrows_cache() ? sockets.size() : 0;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    if (i + kAhead < last_to_prefetch) pools_.prefetch(sockets[i + kAhead]);
    const SocketRecord& socket = sockets[i];
    if (socket.state == TcpState::kListen || socket.state == TcpState::kClose) {
      add_holder(socket);
    } else {
      add_connection(socket);
    }
  }
}

void Aggregator::add_holder(const SocketRecord& socket) {
  held_ports_.insert(socket.local.port);
  if (socket.state != TcpState::kListen) return;
  listeners_.add_listener(socket);
  former_listeners_.add_listener(socket);
}

void Aggregator::add_connection(const SocketRecord& socket) {
  const bool is_time_wait = socket.state == TcpState::kTimeWait;
  const SocketHistory history{
      .entered_time_wait = is_time_wait && time_waits_.is_new(socket),
      .lasts_in_close_wait = socket.state == TcpState::kCloseWait && close_waits_.lasts(socket)};
  if (is_time_wait) ++time_wait_sockets_;

  see_last_holder();
  if (ListenerTally* const listener = listeners_.find(socket.local)) {
    ++listener->sockets[socket.state];
    listener->time_wait_entered += history.entered_time_wait;
    listener->lasting_close_waits += history.lasts_in_close_wait;
    inbound_ports_.insert(socket.local.port);
    return;
  }
  outbound_ports_.insert(socket.local.port);
  if (pools_.is_full()) evict_pools();
  pools_.add(socket, usable_ports_, settings_, history);
}

// What a peer has in sockets stays exact, and so does the pool that its headroom was last that of.
void Aggregator::evict_pools() {
  pools_.evict([this](const PoolKey& pool) { return pool_watch_.is_watched(pool); },
               [this](const PoolTally& pool) { ranking_.add_evicted(pool); });
}

// All holders come first, so by the first connection they are complete.
void Aggregator::see_last_holder() {
  if (all_holders_seen_) return;
  former_listeners_.add_to(listeners_);
  inet::PortSet held = held_ports_;
  held.insert_all(audited_ports_);
  usable_ports_ = UsablePorts(settings_, held);
  all_holders_seen_ = true;
}

Snapshot Aggregator::finish(const reading::TcpCounters& counters, const PollOrigin& origin) {
  see_last_holder();
  former_listeners_.end(settings_, inbound_ports_);
  time_waits_.commit();
  lasting_close_waits_known_ = close_waits_.end(origin.steady);

  Snapshot snapshot;
  snapshot.taken_at = origin.wall;
  snapshot.forecast_from = origin.steady;
  snapshot.source = origin.source;
  snapshot.lists_bound_sockets = origin.lists_bound_sockets;
  snapshot.sockets_read = sockets_read_;
  snapshot.time_wait_sockets = counters.time_wait_sockets.value_or(time_wait_sockets_);
  snapshot.settings = settings_;
  snapshot.counters = counters;
  snapshot.time_wait_overflows = overflows(counters, origin.steady);
  publish_ports(snapshot);
  const std::vector<std::uint32_t> tightest =
      analysis::tightest(pools_.pools(), PoolWatch::kTightest);
  const RankedPeers ranked = publish_peers(snapshot, tightest, origin.steady);
  publish_pools(snapshot, tightest, ranked, origin.steady);
  publish_listeners(snapshot);
  return snapshot;
}

inet::PortSet Aggregator::audit_candidates() const {
  inet::PortSet candidates = UsablePorts(settings_, held_ports_).ports();
  candidates.keep_only(outbound_ports_);
  return candidates;
}

std::vector<inet::Address> Aggregator::still_used(std::span<const inet::Address> addresses) const {
  std::vector<inet::Address> used;
  for (const PoolTally& pool : pools_.pools()) {
    const inet::Address& remote = pool.key.remote.address;
    if (std::binary_search(addresses.begin(), addresses.end(), remote)) used.push_back(remote);
  }
  return as_set(std::move(used));
}

// Whether sockets have gone without TIME_WAIT so lately that rates are too low for it.
bool Aggregator::overflows(const reading::TcpCounters& counters,
                           std::chrono::steady_clock::time_point now) {
  const auto before = std::exchange(time_wait_overflow_, counters.time_wait_overflow);
  if (before && time_wait_overflow_ > before) overflowed_at_ = now;
  return overflowed_at_ && now - *overflowed_at_ < kOverflowTells;
}

std::optional<std::uint32_t> Aggregator::if_known(std::uint32_t lasting_close_waits) const {
  if (!lasting_close_waits_known_) return std::nullopt;
  return lasting_close_waits;
}

void Aggregator::publish_ports(Snapshot& snapshot) const {
  const inet::PortRange range = settings_.ephemeral_ports;
  snapshot.ephemeral_ports = range.size();
  snapshot.ephemeral_ports_reserved = settings_.reserved_ports.count_in(range);
  snapshot.ephemeral_ports_bound =
      range.size() - snapshot.ephemeral_ports_reserved - usable_ports_.capacity().ports;
}

RankedPeers Aggregator::publish_peers(Snapshot& snapshot, std::span<const std::uint32_t> tightest,
                                      std::chrono::steady_clock::time_point now) {
  RankedPeers ranked = ranking_.rank(pools_.pools(), tightest, usable_ports_.capacity(), now);
  peer_memory_.begin();
  const auto publish = [&](std::string name, const PeerTally& tally) {
    SocketGroup group = peer_memory_.update(name, tally.sockets, tally.time_wait_entered,
                                            if_known(tally.lasting_close_waits));
    Peer peer;
    peer.name = std::move(name);
    peer.group = group;
    peer.pools = tally.pools;
    peer.headroom = tally.headroom;
    peer.exhaustion_seconds = kNever;
    if (tally.tightest) peer.tightest = pools_.pools()[*tally.tightest].key;
    if (tally.headroom.free_ports() == 0) peer.exhaustion_seconds = 0;
    return peer;
  };
  for (std::size_t i = 0; i < rules_.peers.size(); ++i) {
    snapshot.configured_peers.push_back(publish(rules_.peers[i].name, ranked.configured[i]));
  }
  for (const PeerTally& tally : ranked.discovered) {
    snapshot.discovered_peers.push_back(publish(tally.remote.to_string(), tally));
  }
  snapshot.max_discovered_peers = rules_.max_discovered_peers;
  if (ranked.folded.sockets.total() > 0 || peer_memory_.knows(kOther)) {
    snapshot.other = publish(kOther, ranked.folded).group;
  }
  peer_memory_.forget_others();
  return ranked;
}

void Aggregator::publish_pools(Snapshot& snapshot, std::span<const std::uint32_t> tightest,
                               const RankedPeers& ranked,
                               std::chrono::steady_clock::time_point now) {
  snapshot.pools =
      pool_watch_.watch(pools_, tightest, ranked,
                        {now, settings_, usable_ports_.capacity(), snapshot.time_wait_sockets});

  tsl::robin_map<inet::Endpoint, std::size_t, EndpointHash> discovered;
  for (std::size_t i = 0; i < ranked.discovered.size(); ++i) {
    discovered.emplace(ranked.discovered[i].remote, i);
  }
  for (Pool& pool : snapshot.pools) {
    Peer* peer = nullptr;
    if (const auto rule = inet::first_match(rules_.peers, pool.key.remote)) {
      peer = &snapshot.configured_peers[*rule];
    } else if (const auto shown = discovered.find(pool.key.remote); shown != discovered.end()) {
      peer = &snapshot.discovered_peers[shown->second];
    }
    pool.peer = peer == nullptr ? kOther : peer->name;
    if (peer == nullptr) continue;
    peer->exhaustion_seconds = std::min(peer->exhaustion_seconds, pool.exhaustion_seconds);
    if (peer->tightest != pool.key) continue;
    peer->arrival_rate = known_arrival_rate(pool, snapshot);
    peer->sustainable_rate = pool.sustainable_rate;
  }
}

std::vector<std::uint16_t> Aggregator::unreserved_ephemeral(
    std::vector<std::uint16_t> ports) const {
  std::erase_if(ports, [this](std::uint16_t port) {
    return !settings_.ephemeral_ports.contains(port) || settings_.reserved_ports.contains(port);
  });
  return ports;
}

void Aggregator::publish_listeners(Snapshot& snapshot) {
  listener_memory_.begin();
  for (const ListenerTally& tally : listeners_.tallies()) {
    const bool is_configured = snapshot.listeners.size() < rules_.listeners.size();
    if (!is_configured && tally.is_gone()) continue;
    const SocketGroup group = listener_memory_.update(
        tally.name, tally.sockets, tally.time_wait_entered, if_known(tally.lasting_close_waits));
    snapshot.listeners.push_back({.name = tally.name,
                                  .group = group,
                                  .accept_queue = tally.accept_queue,
                                  .accept_queue_limit = tally.accept_queue_limit,
                                  .fullest_queue = tally.fullest_queue,
                                  .listening_sockets = tally.listening_sockets,
                                  .ports = as_set(tally.ports),
                                  .unreserved_ephemeral_ports = {},
                                  .exporter = tally.has_own && !tally.has_others});
    Listener& listener = snapshot.listeners.back();
    listener.unreserved_ephemeral_ports = unreserved_ephemeral(listener.ports);
  }
  listener_memory_.forget_others();
  const auto first_discovered =
      snapshot.listeners.begin() + static_cast<std::ptrdiff_t>(rules_.listeners.size());
  std::sort(first_discovered, snapshot.listeners.end(),
            [](const Listener& a, const Listener& b) { return a.name < b.name; });
}

}  // namespace timewait::analysis
