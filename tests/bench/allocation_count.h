// Counts what the whole program allocates: this file's source replaces operator new.
#pragma once

#include <cstdint>

namespace timewait::bench {

// Calls of operator new since the program began, in all threads.
std::uint64_t allocation_count();

}  // namespace timewait::bench
