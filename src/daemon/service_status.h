// The state of the daemon in a sentence, as `systemctl status` shows it.
#pragma once

#include <chrono>
#include <string>

#include "analysis/exporter_state.h"

namespace timewait::daemon {

// What is most urgent of what is wrong, and how much more there is; else the tightest peer.
// Rounded, so that it stays the same while little changes. Thread-safe.
std::string service_status(const analysis::ExporterState& state,
                           std::chrono::steady_clock::time_point now);

}  // namespace timewait::daemon
