#include "analysis/port_rules.h"

namespace timewait::analysis {
namespace {

constexpr std::uint32_t kLoopbackInterface = 1;  // LOOPBACK_IFINDEX

bool may_reuse(bool is_loopback, const reading::TcpSettings& settings) {
  const int mode = settings.tw_reuse.value_or(0);
  return settings.timestamps && (mode == 1 || (mode == 2 && is_loopback));
}

}  // namespace

bool may_reuse(const inet::Address& local, const inet::Address& remote,
               const reading::TcpSettings& settings) {
  // The host's own other addresses are no loopback to the kernel.
  return may_reuse(local.is_loopback() || remote.is_loopback(), settings);
}

bool is_reusable(const reading::SocketRecord& socket, const reading::TcpSettings& settings) {
  const bool on_loopback_device = socket.interface == kLoopbackInterface;
  return socket.state == inet::TcpState::kTimeWait &&
         reading::kTimeWaitLength - socket.time_wait_left > settings.tw_reuse_delay &&
         (may_reuse(socket.local.address, socket.remote.address, settings) ||
          may_reuse(on_loopback_device, settings));
}

UsablePorts::UsablePorts(const reading::TcpSettings& settings, const inet::PortSet& held)
    : parity_(settings.ephemeral_ports.first & 1) {
  ports_.insert(settings.ephemeral_ports);
  ports_.erase_all(settings.reserved_ports);
  ports_.erase_all(held);
  capacity_.ports = ports_.size();
  for (std::uint32_t port = settings.ephemeral_ports.first; port <= settings.ephemeral_ports.last;
       port += 2) {
    capacity_.first_half += ports_.contains(static_cast<std::uint16_t>(port));
  }
}

}  // namespace timewait::analysis
