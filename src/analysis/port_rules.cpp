#include "analysis/port_rules.h"

namespace timewait::analysis {
namespace {

constexpr std::uint32_t kLoopbackInterface = 1;  // LOOPBACK_IFINDEX

// What tcp_tw_reuse = 2 takes for loopback. The host's own other addresses are not.
bool is_loopback(const reading::SocketRecord& socket) {
  return socket.interface == kLoopbackInterface || socket.local.address.is_loopback() ||
         socket.remote.address.is_loopback();
}

bool reuse_allowed(const reading::SocketRecord& socket, const reading::TcpSettings& settings) {
  const int mode = settings.tw_reuse.value_or(0);
  return mode == 1 || (mode == 2 && is_loopback(socket));
}

}  // namespace

bool is_reusable(const reading::SocketRecord& socket, const reading::TcpSettings& settings) {
  const auto age = reading::kTimeWaitLength - socket.time_wait_left;
  return socket.state == inet::TcpState::kTimeWait && settings.timestamps &&
         age > settings.tw_reuse_delay && reuse_allowed(socket, settings);
}

inet::PortSet usable_ports(const reading::TcpSettings& settings, const inet::PortSet& held) {
  inet::PortSet ports;
  ports.insert(settings.ephemeral_ports);
  ports.erase_all(settings.reserved_ports);
  ports.erase_all(held);
  return ports;
}

}  // namespace timewait::analysis
