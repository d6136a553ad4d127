// The kernel's rules for handing out local ports, as far as a dump shows their inputs.
#pragma once

#include <cstdint>

#include "inet/port_set.h"
#include "reading/socket_record.h"
#include "reading/tcp_settings.h"

namespace timewait::analysis {

// connect() may take over the ports of TIME_WAIT sockets between these addresses, once they are old
// enough: tcp_tw_reuse allows it, and timestamps are on (`tcp_twsk_unique`). Assumes that the
// connections negotiated timestamps, which no dump tells.
bool may_reuse(const inet::Address& local, const inet::Address& remote,
               const reading::TcpSettings& settings);

// The same between addresses that are loopback.
bool may_reuse_on_loopback(const reading::TcpSettings& settings);

// connect() would take over this socket's port right now: it has been in TIME_WAIT for longer than
// tcp_tw_reuse_delay, and `allowed`, which is what may_reuse() says of its addresses; or it is
// bound to the loopback device, which is as good as loopback addresses.
inline bool is_reusable(const reading::SocketRecord& socket, bool allowed,
                        const reading::TcpSettings& settings) {
  constexpr std::uint32_t kLoopbackInterface = 1;  // LOOPBACK_IFINDEX
  return (allowed || (socket.interface == kLoopbackInterface && may_reuse_on_loopback(settings))) &&
         socket.state == inet::TcpState::kTimeWait &&
         reading::kTimeWaitLength - socket.time_wait_left > settings.tw_reuse_delay;
}

// How many ports every pool has.
struct PortCapacity {
  std::uint32_t ports = 0;
  std::uint32_t first_half = 0;  // of those, the ones that connect() tries first
};

// The ports of the ephemeral range that connect() may ever choose (`__inet_hash_connect`): not
// reserved, and not `held` by a socket that called bind(), whatever that socket's address or
// family.
class UsablePorts {
 public:
  UsablePorts() = default;
  UsablePorts(const reading::TcpSettings& settings, const inet::PortSet& held);

  bool contains(std::uint16_t port) const { return ports_.contains(port); }
  // connect() tries the ports with the parity of the range's low end before the others.
  bool tried_first(std::uint16_t port) const { return (port & 1) == parity_; }
  const inet::PortSet& ports() const { return ports_; }
  const PortCapacity& capacity() const { return capacity_; }

 private:
  inet::PortSet ports_;
  std::uint16_t parity_ = 0;
  PortCapacity capacity_;
};

}  // namespace timewait::analysis
