// What polls do not tell, and how it can be known. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "analysis/exporter_state.h"

namespace timewait::diagnosis {

// In sentences; only what may matter there.
std::vector<std::string> unknown_in(const analysis::NamespaceState& state);

// What of it belongs beside the words that nothing is wrong, as the end of that sentence; empty
// where there is nothing.
std::string proviso_in(const analysis::NamespaceState& state);

}  // namespace timewait::diagnosis
