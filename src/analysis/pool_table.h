// The pools of one poll: counts outbound sockets by (local address, remote address, remote port).
#pragma once

#include <cstdint>

#include <tsl/robin_map.h>

#include "analysis/hashing.h"
#include "analysis/snapshot.h"
#include "inet/port_set.h"
#include "reading/socket_record.h"
#include "reading/tcp_settings.h"

namespace timewait::analysis {

// What one poll counts for one pool.
struct PoolTally {
  StateCounts sockets{};
  std::uint32_t used = 0;      // sockets on a usable port; a port occurs once per pool
  std::uint32_t reusable = 0;  // of those, see is_reusable()
  std::uint32_t time_wait_entered = 0;
};

using PoolTable = tsl::robin_map<PoolKey, PoolTally, PoolKeyHash>;

// The pool that an outbound socket takes its port from.
PoolKey pool_of(const reading::SocketRecord& socket);

// Counts an outbound socket. `usable`: see usable_ports().
void count_socket(const reading::SocketRecord& socket, const inet::PortSet& usable,
                  const reading::TcpSettings& settings, bool entered_time_wait, PoolTally& pool);

}  // namespace timewait::analysis
