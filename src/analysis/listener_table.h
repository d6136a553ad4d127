// The listeners of one poll: tells which connections are inbound, and counts them by listener name.
//
// A listener goes by its configured name, or `address:port`, or `*:port` for a wildcard. Several
// sockets under one name (SO_REUSEPORT, or 0.0.0.0 beside [::]) are one listener.
#pragma once

#include <cstdint>
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
  std::uint32_t accept_queue = 0;
  std::optional<std::uint32_t> accept_queue_limit = 0;  // absent once one socket's is not known
  std::uint32_t listening_sockets = 0;
  std::optional<AcceptQueue> fullest_queue{};  // of anybody else's sockets whose limits are known
  std::vector<std::uint16_t> ports{};          // that are listened on, once for each address
  bool has_own = false;                        // the exporter's own sockets
  bool has_others = false;                     // sockets of anybody else
};

class ListenerTable {
 public:
  // `rules`: the configured listeners. They are there in every poll, with sockets or without.
  // `own`: where the exporter itself listens, as the kernel has it: a wildcard for a wildcard.
  explicit ListenerTable(std::vector<inet::NamedRule> rules, std::vector<inet::Endpoint> own = {});

  void clear();

  // A socket in kListen.
  void add_listener(const reading::SocketRecord& socket);

  // The listener that accepted a connection with this local end, or null: then it is outbound. An
  // exact address goes before a wildcard; [::] also takes IPv4 unless IPV6_V6ONLY
  // (`inet_lookup_listener`). Valid until the next add_listener().
  ListenerTally* find(const inet::Endpoint& local) {
    return ports_.contains(local.port) ? find_at_port(local) : nullptr;
  }

  // Configured ones first, in their order.
  const std::vector<ListenerTally>& tallies() const { return tallies_; }

 private:
  struct Binding {
    std::size_t tally;
    bool ipv6_only;
  };

  ListenerTally* find_at_port(const inet::Endpoint& local);
  std::size_t tally_for(const inet::Endpoint& local);
  const Binding* find_binding(const inet::Endpoint& local) const;

  std::vector<inet::NamedRule> rules_;
  std::vector<inet::Endpoint> own_;
  std::vector<ListenerTally> tallies_;
  inet::PortSet ports_;  // of all bindings: spares most connections the map
  tsl::robin_map<inet::Endpoint, Binding, EndpointHash> bindings_;
  // Positions in tallies_ by what gave the name: the two wildcards of a port share one.
  tsl::robin_map<inet::Endpoint, std::size_t, EndpointHash> discovered_;
};

}  // namespace timewait::analysis
