// A pool's ports as a bar. Thread-safe.
#pragma once

#include <cstddef>
#include <string>

#include "analysis/snapshot.h"

namespace timewait::report {

// So many columns wide: ports that are taken, then those that may be reused, then the free ones.
// None of the three vanishes if there is room, however few they are.
std::string bar(const analysis::Headroom& headroom, std::size_t columns, bool utf8);

}  // namespace timewait::report
