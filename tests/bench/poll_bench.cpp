// What a poll costs, on real sockets in a network namespace of its own.
//
// Arguments of each benchmark: how many TIME_WAIT sockets there are. `allocations` is per poll, of
// a poll like the one before it; that it stays the same whatever the number of sockets is the claim
// that a socket costs none. `rejected` must be 0: it counts polls that failed.
#include <cstdint>
#include <memory>
#include <optional>

#include <benchmark/benchmark.h>

#include "allocation_count.h"
#include "kernel/kernel_source.h"
#include "loopback_connections.h"
#include "polling/poller.h"

namespace timewait::bench {
namespace {

// Fresh sockets for each benchmark: TIME_WAIT lasts 60 s, longer than one takes.
void measure_polls(benchmark::State& state, std::uint32_t sockets_per_remote) {
  const auto sockets = static_cast<std::uint32_t>(state.range(0));
  enter_namespace_of_time_waits(sockets, 1 + sockets / sockets_per_remote);
  polling::Poller poller(std::make_unique<kernel::KernelSource>(), analysis::Rules{}, std::nullopt);
  std::uint64_t rejected = poller.poll().ok() ? 0 : 1;
  std::uint64_t read = 0;
  std::uint64_t allocations = 0;
  for (auto _ : state) {
    const std::uint64_t before = allocation_count();
    const polling::Poller::PollResult result = poller.poll();
    allocations = allocation_count() - before;
    rejected += result ? 0 : 1;
    if (result) read = (*result)->sockets_read;
  }
  state.counters["allocations"] = static_cast<double>(allocations);
  state.counters["sockets"] = static_cast<double>(read);
  state.counters["rejected"] = static_cast<double>(rejected);
}

void poll_of_few_pools(benchmark::State& state) { measure_polls(state, 4'000); }
void poll_of_a_pool_per_socket(benchmark::State& state) { measure_polls(state, 1); }

BENCHMARK(poll_of_few_pools)
    ->Arg(0)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Iterations(40)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(poll_of_a_pool_per_socket)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Iterations(40)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace timewait::bench

BENCHMARK_MAIN();
