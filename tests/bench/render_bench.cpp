// What a rendering costs: the metrics in both formats and the JSON, of a host with 256 watched
// pools and ten minutes of history.
//
// Arguments of each benchmark: how many discovered peers are shown (20 unless configured
// otherwise). `series` and `bytes` are those of the text; other counters as in work_meter.h, of
// the series in /metrics in either case.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>

#include <benchmark/benchmark.h>

#include "analysis/history.h"
#include "exposition/render.h"
#include "exposition/snapshot_json.h"
#include "made_snapshot.h"
#include "work_meter.h"

namespace timewait::bench {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

exposition::Input made_input(std::uint32_t shown_peers) {
  constexpr TimePoint kNow{std::chrono::hours(1)};
  const auto snapshot = std::make_shared<analysis::Snapshot>(
      made_snapshot({.pools = 256, .shown_peers = shown_peers, .listeners = 10}, kNow));
  analysis::HistoryRecorder recorder;
  std::shared_ptr<const analysis::History> history;
  for (std::size_t i = 0; i < analysis::HistoryRecorder::kMaxPoints; ++i) {
    analysis::Snapshot before = *snapshot;
    before.forecast_from =
        kNow - analysis::HistoryRecorder::kLength + i * analysis::HistoryRecorder::kSpacing;
    history = recorder.record(before);
  }
  exposition::Input input;
  input.now = kNow;
  input.state.namespaces.push_back({"", snapshot, {}, history});
  return input;
}

std::size_t count_series(const std::string& text) {
  std::istringstream lines(text);
  std::size_t series = 0;
  for (std::string line; std::getline(lines, line);) series += line.starts_with('#') ? 0 : 1;
  return series;
}

template <typename Render>
void measure(benchmark::State& state, Render&& render) {
  const exposition::Input input = made_input(static_cast<std::uint32_t>(state.range(0)));
  const std::size_t series = count_series(exposition::render(input, exposition::Format::kText));
  run_metered(state, series, "series", [&](WorkMeter& meter) {
    meter.measure([&] { benchmark::DoNotOptimize(render(input)); });
  });
  state.counters["series"] = static_cast<double>(series);
  state.counters["bytes"] = static_cast<double>(render(input).size());
}

void text(benchmark::State& state) {
  measure(state, [](const exposition::Input& input) {
    return exposition::render(input, exposition::Format::kText);
  });
}

void openmetrics(benchmark::State& state) {
  measure(state, [](const exposition::Input& input) {
    return exposition::render(input, exposition::Format::kOpenMetrics);
  });
}

void json(benchmark::State& state) { measure(state, exposition::render_json); }

void measured(benchmark::internal::Benchmark* bench) {
  bench->UseManualTime()->Unit(benchmark::kMicrosecond)->Arg(20)->Arg(40)->Arg(200);
}

BENCHMARK(text)->Apply(measured);
BENCHMARK(openmetrics)->Apply(measured);
BENCHMARK(json)->Apply(measured);

}  // namespace
}  // namespace timewait::bench

BENCHMARK_MAIN();
