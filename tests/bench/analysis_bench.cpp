// What the analysis of a poll costs by itself: classify, aggregate, rank and forecast. A twelfth of
// the TIME_WAIT sockets is new in each poll, as at the default interval.
//
// Arguments of each benchmark: how many sockets there are, and how many pools they are in.
// `ns_per_socket` is the whole poll's time over its sockets; `finish_ns_per_socket` what of that
// comes after the last socket. `allocations` is per poll, of the last one: that it does not grow
// with the number of sockets is the claim that a socket costs none.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <benchmark/benchmark.h>

#include "allocation_count.h"
#include "analysis/aggregator.h"
#include "made_dump.h"

namespace timewait::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kDatagram = 300;  // sockets in one, about
constexpr std::uint64_t kPollsToRenew = 12;
constexpr std::chrono::seconds kInterval{5};

// Replays a dump, poll after poll. The sockets of a datagram lie in the cache, where the decoder
// would have left them, so they are copied there first, which is not timed.
class Replay {
 public:
  explicit Replay(const Dump& dump) : dump_(dump) {}

  void poll() {
    ++polls_;
    spent_ = {};
    known_ = {};
    const std::uint64_t allocations_before = allocation_count();
    time([this] { aggregator_.begin({}, {}); });
    for (std::size_t first = 0; first < dump_.size(); first += kDatagram) {
      const std::size_t count = std::min(kDatagram, dump_.size() - first);
      std::copy_n(dump_.begin() + static_cast<std::ptrdiff_t>(first), count, datagram_.begin());
      for (std::size_t i = 0; i < count; ++i) renew(datagram_[i], first + i);
      time([&] { aggregator_.add(std::span(datagram_).first(count)); });
    }
    const Clock::duration before_finish = spent_;
    time([this] {
      const Clock::time_point now{polls_ * kInterval};
      benchmark::DoNotOptimize(aggregator_.finish({}, {{}, now, "replay"}));
    });
    finish_ = spent_ - before_finish;
    allocations_ = allocation_count() - allocations_before;
  }

  std::chrono::duration<double> spent() const { return spent_; }
  std::chrono::duration<double> finish() const { return finish_; }
  std::uint64_t allocations() const { return allocations_; }

 private:
  // The kernel counts cookies up, in the order in which a dump first shows the sockets. Those that
  // entered between the same two polls are strewn among the others.
  void renew(reading::SocketRecord& socket, std::size_t place) {
    if (socket.state != inet::TcpState::kTimeWait) return;
    const std::size_t cohort = (place * 2'654'435'769u & 0xffffffffu) * kPollsToRenew >> 32;
    const std::uint64_t entered_at = (polls_ + cohort) / kPollsToRenew * kPollsToRenew - cohort;
    socket.cookie = ((entered_at + kPollsToRenew) << 24) + ++known_[cohort];
  }

  template <typename Work>
  void time(Work&& work) {
    const Clock::time_point begin = Clock::now();
    work();
    spent_ += Clock::now() - begin;
  }

  const Dump& dump_;
  analysis::Aggregator aggregator_{analysis::Rules{}};
  std::array<reading::SocketRecord, kDatagram> datagram_;
  std::uint64_t polls_ = 0;
  std::array<std::uint64_t, kPollsToRenew> known_{};  // of each cohort, how many came already
  Clock::duration spent_{};
  Clock::duration finish_{};
  std::uint64_t allocations_ = 0;
};

void replay(benchmark::State& state, const Dump& dump) {
  Replay replay(dump);
  for (std::uint64_t i = 0; i < kPollsToRenew; ++i) replay.poll();
  double seconds = 0;
  double finish_seconds = 0;
  for (auto _ : state) {
    replay.poll();
    state.SetIterationTime(replay.spent().count());
    seconds += replay.spent().count();
    finish_seconds += replay.finish().count();
  }
  const double nanoseconds_per_socket =
      1e9 / static_cast<double>(state.iterations()) / static_cast<double>(dump.size());
  state.counters["ns_per_socket"] = seconds * nanoseconds_per_socket;
  state.counters["finish_ns_per_socket"] = finish_seconds * nanoseconds_per_socket;
  state.counters["allocations"] = static_cast<double>(replay.allocations());
}

std::uint32_t argument(const benchmark::State& state, int index) {
  return static_cast<std::uint32_t>(state.range(index));
}

void outbound(benchmark::State& state) {
  replay(state, made_outbound(argument(state, 0), argument(state, 1)));
}

void inbound(benchmark::State& state) { replay(state, made_inbound(argument(state, 0))); }

void recorded(benchmark::State& state) {
  replay(state, recorded_outbound(argument(state, 0), argument(state, 1)));
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
BENCHMARK(inbound)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->UseManualTime()->Unit(
    benchmark::kMillisecond);
BENCHMARK(recorded)
    ->Args({10'000, 10})
    ->Args({100'000, 10})
    ->Args({100'000, 100'000})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace timewait::bench

BENCHMARK_MAIN();
