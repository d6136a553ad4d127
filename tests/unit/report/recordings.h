// What real hosts were found to be like: recordings/, made by record.py, played through the decoder
// and a poll.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "analysis/exporter_state.h"

namespace timewait::report {

// The names of the recordings there are.
const std::vector<std::string>& recordings();

// As a first poll finds it, with the configuration beside it, if there is one.
analysis::NamespaceState recorded(const std::string& recording, const std::string& netns = "");

// Of one namespace, or of several.
analysis::ExporterState state_of(std::vector<analysis::NamespaceState> namespaces);

// So long after the poll.
std::chrono::steady_clock::time_point after(const analysis::NamespaceState& state,
                                            std::chrono::milliseconds passed);

}  // namespace timewait::report
