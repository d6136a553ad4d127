// What polls do not tell, and how it can be known. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "analysis/exporter_state.h"

namespace timewait::diagnosis {

// In sentences; only what may matter there.
std::vector<std::string> unknown_in(const analysis::NamespaceState& state);

}  // namespace timewait::diagnosis
