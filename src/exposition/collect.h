// What the exporter knows, as metric families in the catalogue's order.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "analysis/poll_health.h"
#include "analysis/snapshot.h"
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
  std::shared_ptr<const analysis::Snapshot>
      snapshot;  // of the last good poll; null before the first
  analysis::PollHealth health;
  BuildInfo build;
  reading::ProcessStats process;
  std::chrono::steady_clock::time_point now;  // forecasts count down between polls
};

// Families without a series are left out: what the kernel does not tell, and without a snapshot all
// that would come from it. Names of peers and listeners are UTF-8 and differ from one another.
std::vector<prometheus::MetricFamily> collect(const Input& input);

}  // namespace timewait::exposition
