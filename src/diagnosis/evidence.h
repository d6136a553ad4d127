// Figures, in sentences. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/snapshot.h"

namespace timewait::diagnosis {

// How many ports of the pool are taken, and by what.
std::string taken_in_words(const analysis::Pool& pool, const analysis::Snapshot& snapshot);

// How many connections a second are opened, and how many may be; absent where it is not known, or
// where no port is left for those that would be opened.
std::optional<std::string> pace_in_words(const analysis::Pool& pool,
                                         const analysis::Snapshot& snapshot);

// The ephemeral range, and what of it no pool has.
std::string range_in_words(const analysis::Snapshot& snapshot);

// "8,200 of at most 16,384 TIME_WAIT sockets are of connections that this host opened, 8,000 of
// them to db."
std::string time_wait_holders_in_words(const analysis::Snapshot& snapshot);

// "a, b and c".
std::string enumerated(const std::vector<std::string>& parts);

}  // namespace timewait::diagnosis
