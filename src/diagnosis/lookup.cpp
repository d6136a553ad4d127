#include "diagnosis/lookup.h"

#include <algorithm>

#include "analysis/pools_of_peer.h"

namespace timewait::diagnosis {

using analysis::Listener;
using analysis::Snapshot;

const analysis::NamespaceState* namespace_of(const analysis::ExporterState& state,
                                             const std::string& netns) {
  const auto found = std::find_if(state.namespaces.begin(), state.namespaces.end(),
                                  [&](const auto& each) { return each.name == netns; });
  return found == state.namespaces.end() ? nullptr : &*found;
}

const analysis::Pool* pool_of(const analysis::Finding& finding, const Snapshot& snapshot) {
  if (!finding.peer) return nullptr;
  return finding.kind == analysis::FindingKind::kExhaustion
             ? analysis::first_exhausted(snapshot, *finding.peer)
             : analysis::tightest_pool(snapshot, *finding.peer);
}

const Listener* listener_named(const Snapshot& snapshot, const std::string& name) {
  const auto found = std::find_if(snapshot.listeners.begin(), snapshot.listeners.end(),
                                  [&](const Listener& each) { return each.name == name; });
  return found == snapshot.listeners.end() ? nullptr : &*found;
}

inet::PortSet listening_ports(const Snapshot& snapshot) {
  inet::PortSet ports;
  for (const Listener& listener : snapshot.listeners) {
    for (const std::uint16_t port : listener.ports) ports.insert(port);
  }
  return ports;
}

std::uint32_t held_by_listeners(const Snapshot& snapshot) {
  inet::PortSet ports = listening_ports(snapshot);
  ports.erase_all(snapshot.settings.reserved_ports);
  return ports.count_in(snapshot.settings.ephemeral_ports);
}

}  // namespace timewait::diagnosis
