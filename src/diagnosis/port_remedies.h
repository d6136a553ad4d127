// What to change where local ports are short. Thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "analysis/snapshot.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/place.h"

namespace timewait::diagnosis {

// Connections that are used again: in nginx and in whatever else may connect to this peer.
std::vector<Remedy> keep_open(const analysis::Pool& pool, const analysis::Snapshot& snapshot,
                              const Place& place);

// A limit to how many connections a program has.
Remedy limit_open(const analysis::Pool& pool);

// tcp_tw_reuse, or the timestamps that it needs: nothing where it would not help this pool.
std::optional<Remedy> reuse(const analysis::Pool& pool, const analysis::Snapshot& snapshot,
                            const Place& place);

// ip_local_port_range, and first what listens there into ip_local_reserved_ports: nothing where it
// would not gain much, or too much listens there.
std::optional<Remedy> widen(const analysis::Snapshot& snapshot, const Place& place);

// Another address for more ports.
Remedy more_addresses(const analysis::Pool& pool);

}  // namespace timewait::diagnosis
