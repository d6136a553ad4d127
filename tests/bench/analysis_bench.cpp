// What the analysis of a poll costs by itself: classify, aggregate, rank and forecast. A twelfth of
// the TIME_WAIT sockets is new in each poll, as at the default interval.
//
// Arguments of each benchmark: how many sockets there are, and how many pools they are in, or how
// many listeners accepted them. Counters as in work_meter.h, of a whole poll;
// `finish_ns_per_socket` is the part of its time that comes after the last socket. The kernel does
// not walk its tables between two datagrams here, so the analysis finds more of its own in the
// cache than in a real poll: see `./dev bench beside`. The forecast's memory grows for ten minutes
// of polls, so where few polls are measured some of the allocations are still its.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include <benchmark/benchmark.h>

#include "analysis/aggregator.h"
#include "made_dump.h"
#include "replay.h"
#include "work_meter.h"

namespace timewait::bench {
namespace {

constexpr std::uint64_t kPollsToRenew = 12;
constexpr std::chrono::seconds kInterval{5};

// Polls the same host again and again.
class Polls {
 public:
  explicit Polls(const Dump& dump) : dump_(dump) {}

  // All that the poll works is measured; what comes after the last socket by both.
  void poll(WorkMeter& meter, WorkMeter& finish_meter) {
    ++polls_;
    known_ = {};
    meter.measure([this] { aggregator_.begin({}, {}); });
    replay(dump_, [&](std::span<reading::SocketRecord> sockets, std::size_t first) {
      for (std::size_t i = 0; i < sockets.size(); ++i) renew(sockets[i], first + i);
      meter.measure([&] { aggregator_.add(sockets); });
    });
    const auto finish = [this] {
      const std::chrono::steady_clock::time_point now{polls_ * kInterval};
      benchmark::DoNotOptimize(aggregator_.finish({}, {{}, now, "replay"}));
    };
    meter.measure([&] { finish_meter.measure(finish); });
  }

 private:
  // The kernel counts cookies up, in the order in which a dump first shows the sockets. Those that
  // entered between the same two polls are strewn among the others.
  void renew(reading::SocketRecord& socket, std::size_t place) {
    if (socket.state != inet::TcpState::kTimeWait) return;
    const std::size_t cohort = (place * 2'654'435'769u & 0xffffffffu) * kPollsToRenew >> 32;
    const std::uint64_t entered_at = (polls_ + cohort) / kPollsToRenew * kPollsToRenew - cohort;
    socket.cookie = ((entered_at + kPollsToRenew) << 24) + ++known_[cohort];
  }

  const Dump& dump_;
  analysis::Aggregator aggregator_{analysis::Rules{}};
  std::uint64_t polls_ = 0;
  std::array<std::uint64_t, kPollsToRenew> known_{};  // of each cohort, how many came already
};

void measure_polls(benchmark::State& state, const Dump& dump) {
  Polls polls(dump);
  WorkMeter unused;
  for (std::uint64_t i = 0; i < kPollsToRenew; ++i) polls.poll(unused, unused);
  WorkMeter finish_meter;
  run_metered(state, dump.size(), "socket",
              [&](WorkMeter& meter) { polls.poll(meter, finish_meter); });
  state.counters["finish_ns_per_socket"] = 1e9 * finish_meter.seconds() /
                                           static_cast<double>(state.iterations()) /
                                           static_cast<double>(dump.size());
}

std::uint32_t argument(const benchmark::State& state, int index) {
  return static_cast<std::uint32_t>(state.range(index));
}

void outbound(benchmark::State& state) {
  measure_polls(state, made_outbound(argument(state, 0), argument(state, 1)));
}

void inbound(benchmark::State& state) {
  measure_polls(state, made_inbound(argument(state, 0), argument(state, 1)));
}

void recorded(benchmark::State& state) {
  measure_polls(state, recorded_outbound(argument(state, 0), argument(state, 1)));
}

BENCHMARK(outbound)
    ->Args({1'000, 10})
    ->Args({10'000, 10})
    ->Args({100'000, 10})
    ->Args({1'000'000, 100})
    ->Args({100'000, 1'000})
    ->Args({100'000, 100'000})
    ->Args({1'000'000, 1'000'000})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(inbound)
    ->Args({10'000, 1})
    ->Args({100'000, 1})
    ->Args({100'000, 10})
    ->Args({1'000'000, 1})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(recorded)
    ->Args({10'000, 10})
    ->Args({100'000, 10})
    ->Args({100'000, 100'000})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace timewait::bench

BENCHMARK_MAIN();
