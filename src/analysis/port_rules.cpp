#include "analysis/port_rules.h"

namespace timewait::analysis {

bool may_reuse(const inet::Address& local, const inet::Address& remote,
               const reading::TcpSettings& settings) {
  // The host's own other addresses are no loopback to the kernel.
  if (local.is_loopback() || remote.is_loopback()) return may_reuse_on_loopback(settings);
  return settings.timestamps && settings.tw_reuse == 1;
}

bool may_reuse_on_loopback(const reading::TcpSettings& settings) {
  const int reuse = settings.tw_reuse.value_or(0);
  return settings.timestamps && (reuse == 1 || reuse == 2);
}

UsablePorts::UsablePorts(const reading::TcpSettings& settings, const inet::PortSet& held)
    : parity_(settings.ephemeral_ports.first & 1) {
  ports_.insert(settings.ephemeral_ports);
  ports_.erase_all(settings.reserved_ports);
  ports_.erase_all(held);
  capacity_.ports = ports_.size();
  inet::PortSet first_half = ports_;
  first_half.keep_parity_of(settings.ephemeral_ports.first);
  capacity_.first_half = first_half.size();
}

}  // namespace timewait::analysis
