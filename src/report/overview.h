// All that `timewait` prints of one poll. Thread-safe.
#pragma once

#include <chrono>

#include "analysis/exporter_state.h"
#include "report/styled_text.h"

namespace timewait::report {

// What was found about the polls themselves; then of each network namespace its peers, its
// listeners and its limits.
Text overview(const analysis::ExporterState& state, std::chrono::steady_clock::time_point now,
              const Layout& layout);

}  // namespace timewait::report
