// What the exporter knows, as metric families in the catalogue's order.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "analysis/exporter_state.h"
#include "reading/process_stats.h"

namespace prometheus {
struct MetricFamily;
}

namespace timewait::exposition {

struct BuildInfo {
  std::string version;
  std::string revision;
  std::string compiler;
};

struct Input {
  analysis::ExporterState state;
  BuildInfo build;
  reading::ProcessStats process;
  std::chrono::steady_clock::time_point now;           // forecasts count down between polls
  std::chrono::system_clock::time_point written_at{};  // the same moment, as people count
};

// Families without a series are left out: what the kernel does not tell, and without a snapshot all
// that would come from it. Names of peers, listeners and namespaces are UTF-8 and differ from one
// another. Series of a namespace other than the exporter's own have the label netns.
std::vector<prometheus::MetricFamily> collect(const Input& input);

}  // namespace timewait::exposition
