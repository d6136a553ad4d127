// From pools to peers: which are shown, in which order, and which are folded. Not thread-safe.
//
// A discovered peer that is shown stays shown until it has had no sockets for ten minutes, or until
// others that are tighter take all the places.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <tsl/robin_map.h>

#include "analysis/hashing.h"
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
  std::uint32_t lasting_close_waits = 0;
  std::uint32_t pools = 0;  // evicted ones not counted
  Headroom headroom{};
  std::optional<std::uint32_t> tightest{};  // the pool's number
  // When it last had sockets, of a peer that the last poll showed.
  std::optional<std::chrono::steady_clock::time_point> last_busy{};
};

struct RankedPeers {
  std::vector<PeerTally> configured;  // one for each rule, in order
  std::vector<PeerTally> discovered;  // tightest first, at most as many as the limit
  PeerTally folded;                   // the sum of the others; it has no headroom
};

class PeerRanking {
 public:
  using Clock = std::chrono::steady_clock;

  // A discovered peer that is shown and has no sockets is forgotten after this time.
  static constexpr std::chrono::minutes kKeptIdle{10};

  PeerRanking(std::vector<inet::NamedRule> rules, std::uint32_t max_discovered);

  // Between polls. A peer that is remembered and that a rule comes to match is discovered no more.
  void set_rules(std::vector<inet::NamedRule> rules, std::uint32_t max_discovered);

  // Opens a poll. One that was opened before and not ranked leaves no trace.
  void begin();

  // Counts a pool that the table gave up, under the name of its peer if that is configured or was
  // shown by the last poll, else under what is folded. It has no say in the peer's headroom.
  void add_evicted(const PoolTally& pool);

  // Closes the poll. `capacity` is that of every pool: what takes ports away from one takes them
  // from all. At the limit a peer that was shown has a head start over one that was not, of 1 % of
  // the capacity; but for that, the tightest are shown.
  // `tightest`: the numbers of some of the pools, tighter than all the others; tightest first.
  RankedPeers rank(std::span<const PoolTally> pools, std::span<const std::uint32_t> tightest,
                   const PortCapacity& capacity, Clock::time_point now);

 private:
  struct Shown {
    inet::Endpoint remote;
    Clock::time_point last_busy;
  };

  void admit_newcomers(std::span<const PoolTally> pools, std::span<const std::uint32_t> tightest);
  // Of the peer that has this remote end; null if it is to be folded.
  PeerTally* tally_of(const inet::Endpoint& remote);
  void forget_idle(Clock::time_point now);
  RankedPeers choose(std::uint32_t head_start_ports);
  void remember(const std::vector<PeerTally>& shown, Clock::time_point now);

  std::vector<inet::NamedRule> rules_;
  std::uint32_t max_discovered_;
  std::vector<Shown> shown_;  // by the last poll

  // Of the poll at hand.
  std::vector<PeerTally> configured_;
  std::vector<PeerTally> discovered_;  // those that come into question
  PeerTally folded_;
  tsl::robin_map<inet::Endpoint, std::size_t, EndpointHash> numbers_;  // in discovered_
};

}  // namespace timewait::analysis
