#include "analysis/former_listeners.h"

#include <algorithm>

namespace timewait::analysis {

void FormerListeners::add_to(ListenerTable& listeners) const {
  for (const Place& place : known_) listeners.add_former(place.local, place.ipv6_only);
}

void FormerListeners::end(const reading::TcpSettings& settings,
                          const inet::PortSet& inbound_ports) {
  std::erase_if(known_, [&inbound_ports](const Place& place) {
    return !inbound_ports.contains(place.local.port);
  });
  known_.insert(known_.end(), now_.begin(), now_.end());
  std::erase_if(known_, [&settings](const Place& place) {
    return settings.ephemeral_ports.contains(place.local.port) &&
           !settings.reserved_ports.contains(place.local.port);
  });
  std::sort(known_.begin(), known_.end());
  known_.erase(std::unique(known_.begin(), known_.end()), known_.end());
}

}  // namespace timewait::analysis
