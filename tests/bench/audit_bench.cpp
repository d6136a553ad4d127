// What the audit costs, per port that it asks for, in a network namespace of its own.
#include <benchmark/benchmark.h>

#include "kernel/bind_probe.h"
#include "own_namespace.h"

namespace timewait::bench {
namespace {

// A port after the other, none of them held. `failed` must be 0.
void probe_of_a_port(benchmark::State& state) {
  enter_fresh_namespace();
  std::uint16_t port = 32768;
  std::uint64_t failed = 0;
  for (auto _ : state) {
    const auto is_held = kernel::is_held_by_bind(port);
    failed += is_held && !*is_held ? 0 : 1;
    port = port == 60999 ? 32768 : static_cast<std::uint16_t>(port + 1);
  }
  state.counters["failed"] = static_cast<double>(failed);
}

BENCHMARK(probe_of_a_port)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace timewait::bench

BENCHMARK_MAIN();
