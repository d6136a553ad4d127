// What one poll found, in the product's words: a value, immutable once published.
//
// A pool is one (local address, remote address, remote port): the kernel can hand out each local
// port once per pool (`__inet_check_established`), so headroom belongs to pools. A peer's headroom
// is that of its tightest pool, the one with the least effective headroom.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/per_second.h"
#include "inet/endpoint.h"
#include "inet/tcp_state.h"
#include "reading/tcp_counters.h"
#include "reading/tcp_settings.h"

namespace timewait::analysis {

// Sockets by TCP state.
class StateCounts {
 public:
  std::uint32_t& operator[](inet::TcpState state) { return counts_[inet::index_of(state)]; }
  std::uint32_t operator[](inet::TcpState state) const { return counts_[inet::index_of(state)]; }
  std::uint32_t total() const { return std::accumulate(counts_.begin(), counts_.end(), 0u); }

  StateCounts& operator+=(const StateCounts& other) {
    auto sum = counts_;  // by itself, so that the compiler may add several at a time
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += other.counts_[i];
    counts_ = sum;
    return *this;
  }
  bool operator==(const StateCounts&) const = default;

 private:
  std::array<std::uint32_t, inet::kTcpStateCount> counts_{};
};

// The ports of one pool.
struct Headroom {
  std::uint32_t capacity = 0;  // ports connect() could ever use: range - reserved - held by bind()
  std::uint32_t used = 0;      // of those, taken in this pool, in any state
  std::uint32_t reusable = 0;  // of the used, TIME_WAIT ports the kernel would hand out again now
  // Of the free and the reusable, those in the half of the range that connect() tries first; once
  // it is 0, each connect() looks at all of that half in vain (`__inet_hash_connect`).
  std::uint32_t fast = 0;

  // How many more connect() calls succeed right now.
  std::uint32_t free_ports() const { return capacity - used + reusable; }
  // Shares of the capacity that are left, 0 to 1; 0 when there is no capacity.
  double ratio() const { return share(capacity - used); }
  double effective_ratio() const { return share(free_ports()); }

 private:
  double share(std::uint32_t ports) const { return capacity == 0 ? 0.0 : double(ports) / capacity; }
};

struct PoolKey {
  inet::Address local;
  inet::Endpoint remote;
  std::uint32_t zone = 0;  // interface index of a link-local remote address, else 0

  auto operator<=>(const PoolKey&) const = default;
};

// The sockets under one name, and what is remembered about that name from poll to poll.
struct SocketGroup {
  StateCounts sockets;
  // States that had a socket since the name is known; established and time_wait always are.
  std::bitset<inet::kTcpStateCount> states_seen;
  std::uint64_t time_wait_entered = 0;  // since the name is known; never falls
  // Of those in CLOSE_WAIT, how many have been for LastingCloseWaits::kLasting at least, as far as
  // polls tell.
  std::uint32_t lasting_close_waits = 0;

  // A state that is not shown has had no sockets.
  bool shows(inet::TcpState state) const {
    return state == inet::TcpState::kEstablished || state == inet::TcpState::kTimeWait ||
           states_seen[inet::index_of(state)];
  }
};

// The TIME_WAIT sockets of a pool, by the second in which they entered the state.
struct TimeWaitAges {
  std::array<std::uint32_t, kMinute> entered{};  // [0]: within the last second
  std::uint32_t overdue = 0;  // their 60 s are over; the timer wheel has yet to end them

  std::uint32_t total() const { return std::accumulate(entered.begin(), entered.end(), overdue); }
};

// Under which name all peers beyond the limit are told together; no configured peer may have it.
inline constexpr std::string_view kOtherPeers = "other";

// A pool that is watched: see PoolWatch.
struct Pool {
  PoolKey key;
  std::string peer;  // under whose name it counts: a peer's, or kOtherPeers
  StateCounts sockets;
  Headroom headroom;
  TimeWaitAges time_wait_ages;            // of the sockets on ports that connect() may choose
  double arrival_rate = 0;                // ports newly taken a second, as far as they left a trace
  bool may_have_unseen_arrivals = false;  // 0 by a trace that is too short for what stays open
  double sustainable_rate = 0;    // what it can give away a second if each port is closed at once
  double exhaustion_seconds = 0;  // see seconds_to_exhaustion()
};

struct Peer {
  std::string name;
  SocketGroup group;
  std::uint32_t pools = 0;          // how many pools have sockets, of those that are not evicted
  Headroom headroom;                // of the tightest pool; all free when there are no pools
  std::optional<PoolKey> tightest;  // absent when there are no pools
  // Of the tightest pool, see Pool; absent when there are no pools, and the rate of arrivals also
  // where it is not known.
  std::optional<double> arrival_rate;
  std::optional<double> sustainable_rate;
  // Until the first of its watched pools is exhausted; +Inf if none is on course to be.
  double exhaustion_seconds = 0;
};

// Of one listening socket: connections that wait for accept(), and how many may. The kernel turns
// one away only if more than the limit wait before it (`sk_acceptq_is_full`).
struct AcceptQueue {
  std::uint32_t waiting = 0;
  std::uint32_t limit = 0;

  bool is_full() const { return waiting > limit; }
  // Share of its places that are taken; 1 when it is full.
  double share() const { return waiting / (limit + 1.0); }
};

struct Listener {
  std::string name;
  SocketGroup group;
  // Summed over the listening sockets under this name. The limit is absent unless it is known of
  // all of them.
  std::uint32_t accept_queue = 0;
  std::optional<std::uint32_t> accept_queue_limit;
  // Each socket has a queue of its own, and is handed its connections without regard to how full it
  // is. Absent where the limits are not known, or all the sockets are the exporter's.
  std::optional<AcceptQueue> fullest_queue;
  std::uint32_t listening_sockets = 0;
  std::vector<std::uint16_t> ports;  // that it listens on; ascending
  // Ports it listens on that connect() would take while nothing does: of the ephemeral range, and
  // not reserved. Ascending.
  std::vector<std::uint16_t> unreserved_ephemeral_ports;
  bool exporter = false;  // all that listens under this name is the exporter itself
};

struct Snapshot {
  std::chrono::system_clock::time_point taken_at;
  std::chrono::steady_clock::time_point forecast_from;  // the moment that forecasts count from
  std::string_view source;         // where the sockets were read, see reading::Source
  std::uint64_t sockets_read = 0;  // all of them: listening and merely bound ones too
  bool lists_bound_sockets = false;  // whether merely bound ones were among them

  std::uint32_t ephemeral_ports = 0;           // size of the range
  std::uint32_t ephemeral_ports_reserved = 0;  // of those, reserved by sysctl
  std::uint32_t ephemeral_ports_bound = 0;     // of the rest, held by bind(), as far as is known
  std::uint64_t time_wait_sockets = 0;  // the kernel's figure if it gives one, else those counted
  // Connections end without TIME_WAIT at present, because its limit is reached. They leave nothing
  // from which to tell how many there were.
  bool time_wait_overflows = false;
  reading::TcpSettings settings;
  reading::TcpCounters counters;

  std::vector<Peer> configured_peers;  // in the order of the configuration; all of them, always
  std::vector<Peer> discovered_peers;  // tightest first; at most max_discovered_peers
  std::uint32_t max_discovered_peers = 0;
  // What is folded into kOtherPeers: absent until anything was folded.
  std::optional<SocketGroup> other;
  std::vector<Pool> pools;          // the watched ones, tightest first
  std::vector<Listener> listeners;  // configured ones first, in order; then the discovered, by name
};

// Of one of the snapshot's pools; absent where it is not known.
inline std::optional<double> known_arrival_rate(const Pool& pool, const Snapshot& snapshot) {
  if (snapshot.time_wait_overflows || pool.may_have_unseen_arrivals) return std::nullopt;
  return pool.arrival_rate;
}

// What is left at `now` of a forecast that the snapshot made; never below 0.
inline double seconds_left(double forecast_seconds, const Snapshot& snapshot,
                           std::chrono::steady_clock::time_point now) {
  const std::chrono::duration<double> age = now - snapshot.forecast_from;
  return std::max(0.0, forecast_seconds - age.count());
}

}  // namespace timewait::analysis
