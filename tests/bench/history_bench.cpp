// What it costs to keep the last ten minutes, once it is full: a point is added, one goes.
//
// Arguments of each benchmark: how many peers are shown. Counters as in work_meter.h.
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <benchmark/benchmark.h>

#include "analysis/history.h"
#include "made_snapshot.h"
#include "work_meter.h"

namespace timewait::bench {
namespace {

using analysis::HistoryRecorder;

void record(benchmark::State& state) {
  const auto peers = static_cast<std::uint32_t>(state.range(0));
  analysis::Snapshot snapshot =
      made_snapshot({.pools = peers, .shown_peers = peers, .listeners = 1},
                    std::chrono::steady_clock::time_point(std::chrono::hours(1)));
  HistoryRecorder recorder;
  const auto record_next = [&] {
    snapshot.forecast_from += HistoryRecorder::kSpacing;
    benchmark::DoNotOptimize(recorder.record(snapshot));
  };
  for (std::size_t i = 0; i < HistoryRecorder::kMaxPoints; ++i) record_next();
  run_metered(state, 1, "point", [&](WorkMeter& meter) { meter.measure(record_next); });
}

BENCHMARK(record)->UseManualTime()->Arg(20)->Arg(200);

}  // namespace
}  // namespace timewait::bench

BENCHMARK_MAIN();
