// Counts what the whole program has allocated: this file's source replaces operator new.
#pragma once

#include <cstddef>

namespace timewait::analysis {

// Bytes that operator new has given and that are not yet given back, in all threads.
std::size_t allocated_bytes();

}  // namespace timewait::analysis
