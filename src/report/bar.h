// A pool's ports as a bar. Thread-safe.
#pragma once

#include <cstddef>
#include <string>

#include "analysis/snapshot.h"

namespace timewait::report {

// So many columns wide, one at least: ports that are taken, then those that may be reused, then the
// free ones. It is full only if no port is free.
std::string bar(const analysis::Headroom& headroom, std::size_t columns, bool utf8);

}  // namespace timewait::report
