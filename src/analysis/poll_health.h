// How the polling itself goes: cumulative since the daemon started.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "reading/read_failure.h"

namespace timewait::analysis {

// Cumulative histogram of durations with fixed bounds. No bound is a whole number of seconds: text
// format and OpenMetrics write those differently ("1", "1.0"), and a series must not depend on
// that.
struct DurationHistogram {
  static constexpr std::array<double, 11> kUpperBoundsSeconds = {
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 2.5, 12.5};

  std::array<std::uint64_t, kUpperBoundsSeconds.size()> counts{};  // per bucket, not cumulative
  std::uint64_t count = 0;
  double sum_seconds = 0;

  void observe(std::chrono::duration<double> duration) {
    ++count;
    sum_seconds += duration.count();
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (duration.count() <= kUpperBoundsSeconds[i]) {
        ++counts[i];
        return;
      }
    }
  }
};

// How the audit of ports goes, see headroom.audit in config/full.yml.
struct AuditHealth {
  bool last_succeeded = false;  // false for ever on kernels before 6.3
  std::uint64_t probes = 0;     // ports asked for
};

struct PollHealth {
  bool last_poll_succeeded = false;
  std::uint64_t polls = 0;                                                  // good and failed ones
  std::array<std::uint64_t, reading::kFailureReasonNames.size()> errors{};  // by FailureReason
  DurationHistogram duration;
  std::optional<AuditHealth> audit;  // absent where it is off, and before its first slice
};

}  // namespace timewait::analysis
