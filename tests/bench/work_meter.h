// What stretches of work cost: the time they take and what they allocate. What is done between two
// of them, to prepare the second, does not count.
//
// Reading the clock adds some 50 ns to a stretch, so it should take microseconds.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "allocation_count.h"

namespace timewait::bench {

class WorkMeter {
 public:
  template <typename Work>
  void measure(Work&& work) {
    const std::uint64_t allocations_before = allocation_count();
    const Clock::time_point begin = Clock::now();
    work();
    time_ += Clock::now() - begin;
    allocations_ += allocation_count() - allocations_before;
  }

  double seconds() const { return std::chrono::duration<double>(time_).count(); }
  std::uint64_t allocations() const { return allocations_; }

 private:
  using Clock = std::chrono::steady_clock;

  Clock::duration time_{};
  std::uint64_t allocations_ = 0;
};

// Runs a benchmark that is registered with UseManualTime(): `iteration` is called again and again
// and has the meter measure its work, on `count` things of a kind. The counters:
//   ns_per_THING            the time, over the count
//   allocations             of the last iteration: those of a steady state
//   allocations_per_THING   the same, over the count
template <typename Iteration>
void run_metered(benchmark::State& state, std::size_t count, const std::string& thing,
                 Iteration&& iteration) {
  double seconds = 0;
  double allocations = 0;
  for (auto _ : state) {
    WorkMeter meter;
    iteration(meter);
    state.SetIterationTime(meter.seconds());
    seconds += meter.seconds();
    allocations = static_cast<double>(meter.allocations());
  }
  const auto things = static_cast<double>(count);
  state.counters["ns_per_" + thing] =
      1e9 * seconds / static_cast<double>(state.iterations()) / things;
  state.counters["allocations"] = allocations;
  state.counters["allocations_per_" + thing] = allocations / things;
}

}  // namespace timewait::bench
