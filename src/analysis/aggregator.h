// Turns one poll's readings into a Snapshot: begin(), add() for each part of the dump, finish().
//
// Sockets stream through and are not kept. From poll to poll it remembers only what counters need,
// the peers that it shows, and the pools that it watches.
// A poll that fails is simply not finished: the next begin() starts afresh and nothing is lost or
// counted twice. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "analysis/former_listeners.h"
#include "analysis/group_memory.h"
#include "analysis/lasting_close_waits.h"
#include "analysis/listener_table.h"
#include "analysis/peer_ranking.h"
#include "analysis/pool_table.h"
#include "analysis/pool_watch.h"
#include "analysis/port_rules.h"
#include "analysis/seen_sockets.h"
#include "analysis/snapshot.h"
#include "inet/matcher.h"
#include "inet/port_set.h"
#include "reading/socket_record.h"
#include "reading/tcp_counters.h"
#include "reading/tcp_settings.h"

namespace timewait::analysis {

struct Rules {
  std::vector<inet::NamedRule> peers;
  std::vector<inet::NamedRule> listeners;
  std::uint32_t max_discovered_peers = 20;
  std::vector<inet::Endpoint> own_listeners = {};  // where the exporter itself listens
};

// When a poll was made: as people count, and for telling how far two polls are apart; and from
// where the sockets came, see reading::Source.
struct PollOrigin {
  std::chrono::system_clock::time_point wall;
  std::chrono::steady_clock::time_point steady;
  std::string_view source;
  bool lists_bound_sockets = false;
};

class Aggregator {
 public:
  explicit Aggregator(Rules rules);

  // Between polls. What is remembered of names that stay is kept.
  void set_rules(Rules rules);

  // `audited_ports`: held by bind() although no dump shows it, as found by asking the kernel.
  void begin(const reading::TcpSettings& settings, const inet::PortSet& audited_ports);

  // Relies on the order that reading::SocketSink promises: what holds ports comes before what uses
  // them.
  void add(std::span<const reading::SocketRecord> sockets);

  Snapshot finish(const reading::TcpCounters& counters, const PollOrigin& origin);

  // Of the last poll: the ports that outbound sockets are on and that connect() might use but for
  // bind(); `audited_ports` among them. Nothing else can be held without a dump showing it.
  inet::PortSet audit_candidates() const;

  // Those of the addresses, which are sorted, that had outbound sockets at the last poll.
  std::vector<inet::Address> still_used(std::span<const inet::Address> addresses) const;

 private:
  void add_holder(const reading::SocketRecord& socket);
  void add_connection(const reading::SocketRecord& socket);
  void evict_pools();
  void see_last_holder();
  bool overflows(const reading::TcpCounters& counters, std::chrono::steady_clock::time_point now);
  std::optional<std::uint32_t> if_known(std::uint32_t lasting_close_waits) const;
  void publish_ports(Snapshot& snapshot) const;
  RankedPeers publish_peers(Snapshot& snapshot, std::span<const std::uint32_t> tightest,
                            std::chrono::steady_clock::time_point now);
  void publish_pools(Snapshot& snapshot, std::span<const std::uint32_t> tightest,
                     const RankedPeers& ranked, std::chrono::steady_clock::time_point now);
  void publish_listeners(Snapshot& snapshot);
  std::vector<std::uint16_t> unreserved_ephemeral(std::vector<std::uint16_t> ports) const;

  Rules rules_;

  // Of the poll at hand.
  reading::TcpSettings settings_;
  inet::PortSet audited_ports_;
  inet::PortSet held_ports_;      // by sockets that called bind(), as the dump shows
  inet::PortSet outbound_ports_;  // local ports of outbound sockets
  inet::PortSet inbound_ports_;
  UsablePorts usable_ports_;  // once all holders were seen
  bool all_holders_seen_ = false;
  std::uint64_t sockets_read_ = 0;
  std::uint64_t time_wait_sockets_ = 0;
  ListenerTable listeners_;
  PoolTable pools_;

  // From poll to poll.
  FormerListeners former_listeners_;
  PeerRanking ranking_;
  // In TIME_WAIT. The kernel keeps a socket there for 60 s, so polls may be nearly that far apart
  // and miss none but those that were reused or cut short. Ages would not do: a repeated FIN of the
  // peer starts the 60 s anew (`tcp_timewait_state_process`), and the socket looks young again.
  SeenSockets time_waits_;
  LastingCloseWaits close_waits_;
  bool lasting_close_waits_known_ = false;  // by the poll at hand
  PoolWatch pool_watch_;
  GroupMemory peer_memory_;
  GroupMemory listener_memory_;
  std::optional<std::uint64_t> time_wait_overflow_;  // the kernel's counter at the last good poll
  std::optional<std::chrono::steady_clock::time_point> overflowed_at_;  // last seen to have risen
};

}  // namespace timewait::analysis
