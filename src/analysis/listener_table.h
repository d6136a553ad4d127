// The listeners of one poll: tells which connections are inbound, and counts them by listener name.
//
// A listener goes by its configured name, or `address:port`, or `*:port` for a wildcard. Several
// sockets under one name (SO_REUSEPORT, or 0.0.0.0 beside [::]) are one listener.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <tsl/robin_map.h>

#include "analysis/hashing.h"
#include "analysis/snapshot.h"
#include "inet/matcher.h"
#include "inet/port_set.h"
#include "reading/socket_record.h"

namespace timewait::analysis {

// What one poll counts for one name.
struct ListenerTally {
  std::string name;
  StateCounts sockets{};
  std::uint32_t time_wait_entered = 0;
  std::uint32_t lasting_close_waits = 0;
  std::uint32_t accept_queue = 0;
  std::optional<std::uint32_t> accept_queue_limit = 0;  // absent once one socket's is not known
  std::uint32_t listening_sockets = 0;
  std::optional<AcceptQueue> fullest_queue{};  // of anybody else's sockets whose limits are known
  std::vector<std::uint16_t> ports{};          // that are listened on, once for each socket
  bool has_own = false;                        // the exporter's own sockets
  bool has_others = false;                     // sockets of anybody else

  // A former listener without connections.
  bool is_gone() const { return listening_sockets == 0 && sockets.total() == 0; }
};

class ListenerTable {
 public:
  // `rules`: the configured listeners. They are there in every poll, with sockets or without.
  // `own`: where the exporter itself listens, as the kernel has it: a wildcard for a wildcard.
  explicit ListenerTable(std::vector<inet::NamedRule> rules, std::vector<inet::Endpoint> own = {});

  void clear();

  // A socket in kListen.
  void add_listener(const reading::SocketRecord& socket);

  // After the last add_listener(): nobody listens there any more, but connections that were
  // accepted there may remain. They are the listener's that takes the place now, if there is one.
  void add_former(const inet::Endpoint& local, bool ipv6_only);

  // The listener that accepted a connection with this local end, or null: then it is outbound. An
  // exact address goes before a wildcard; [::] also takes IPv4 unless IPV6_V6ONLY
  // (`inet_lookup_listener`). Valid until the next listener is added.
  ListenerTally* find(const inet::Endpoint& local) {
    return bound_.contains(local.port) ? find_at_port(local) : nullptr;
  }

  // Configured ones first, in their order.
  const std::vector<ListenerTally>& tallies() const { return tallies_; }

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  // The sockets of one address and port. Tallies and bindings go by their positions.
  struct Binding {
    inet::Address address;
    std::uint32_t tally;
    std::uint32_t next;  // exact binding of the same port
  };

  struct Port {
    std::uint32_t any_ipv4 = kNone;    // the tally of 0.0.0.0
    std::uint32_t any_ipv6 = kNone;    // of [::]
    std::uint32_t dual_stack = kNone;  // of [::] if one of its sockets takes IPv4
    std::uint32_t first_exact = kNone;
    std::uint32_t exact_count = 0;
  };

  // Fibonacci hashing, for a table that looks at the low bits.
  struct PortHash {
    std::size_t operator()(std::uint16_t port) const { return port * 0x9e3779b97f4a7c15 >> 32; }
  };

  ListenerTally* find_at_port(const inet::Endpoint& local);
  std::uint32_t find_exact(const Port& port, const inet::Endpoint& local) const;
  std::uint32_t bind(const inet::Endpoint& local, bool ipv6_only);
  std::uint32_t bind_exact(Port& port, const inet::Endpoint& local);
  void count(ListenerTally& tally, const reading::SocketRecord& socket);
  std::uint32_t tally_for(const inet::Endpoint& local);

  std::vector<inet::NamedRule> rules_;
  std::vector<inet::Endpoint> own_;
  std::vector<ListenerTally> tallies_;
  inet::PortSet bound_;  // the keys of ports_: spares most connections the map
  tsl::robin_map<std::uint16_t, Port, PortHash> ports_;
  std::vector<Binding> exact_;
  // Positions in exact_. Asked of a connection only where a port has many addresses.
  tsl::robin_map<inet::Endpoint, std::uint32_t, EndpointHash> exact_by_endpoint_;
  // Positions in tallies_ by what gave the name: the two wildcards of a port share one.
  tsl::robin_map<inet::Endpoint, std::uint32_t, EndpointHash> discovered_;
};

}  // namespace timewait::analysis
