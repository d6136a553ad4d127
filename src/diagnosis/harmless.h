// TIME_WAIT sockets that look bad and are not. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "analysis/exporter_state.h"
#include "analysis/findings.h"

namespace timewait::diagnosis {

// In sentences, of those that no finding is about.
std::vector<std::string> harmless_in(const analysis::NamespaceState& state,
                                     const std::vector<analysis::Finding>& findings);

}  // namespace timewait::diagnosis
