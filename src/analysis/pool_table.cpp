#include "analysis/pool_table.h"

#include "analysis/port_rules.h"

namespace timewait::analysis {

PoolKey pool_of(const reading::SocketRecord& socket) {
  const bool needs_zone = socket.remote.address.is_link_local();
  return {socket.local.address, socket.remote, needs_zone ? socket.interface : 0};
}

void count_socket(const reading::SocketRecord& socket, const inet::PortSet& usable,
                  const reading::TcpSettings& settings, bool entered_time_wait, PoolTally& pool) {
  ++pool.sockets[socket.state];
  if (entered_time_wait) ++pool.time_wait_entered;
  if (!usable.contains(socket.local.port)) return;
  ++pool.used;
  if (is_reusable(socket, settings)) ++pool.reusable;
}

}  // namespace timewait::analysis
