// What a finding or a cause is about. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "analysis/exporter_state.h"
#include "analysis/findings.h"
#include "inet/port_set.h"

namespace timewait::diagnosis {

// Of that name; null if there is none.
const analysis::NamespaceState* namespace_of(const analysis::ExporterState& state,
                                             const std::string& netns);

// The pool that a finding about a peer's ports is about; null if there is none.
const analysis::Pool* pool_of(const analysis::Finding& finding, const analysis::Snapshot& snapshot);

// Null if there is none of that name.
const analysis::Listener* listener_named(const analysis::Snapshot& snapshot,
                                         const std::string& name);

// Ports that something listens on.
inet::PortSet listening_ports(const analysis::Snapshot& snapshot);

// Ports of the ephemeral range that are held by what listens there.
std::uint32_t held_by_listeners(const analysis::Snapshot& snapshot);

// The range has far fewer ports than the kernel's default.
inline constexpr std::uint32_t kDefaultRange = 28'232;
inline bool has_small_range(const analysis::Snapshot& snapshot) {
  constexpr std::uint32_t kSmallRange = 10'000;
  return snapshot.ephemeral_ports < kSmallRange;
}

inline bool is_mostly_reserved(const analysis::Snapshot& snapshot) {
  return 2 * snapshot.ephemeral_ports_reserved >= snapshot.ephemeral_ports;
}

}  // namespace timewait::diagnosis
