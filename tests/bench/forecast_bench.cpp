// What the forecasts cost: of the 256 pools that a poll watches, after ten minutes of polls every
// five seconds; and its parts, for one pool.
//
// Each pool has four connections a second that are closed at once, and its open sockets, by the
// benchmark's last word,
//   steady   are as many at every poll,
//   churn    come and go,
//   leak     grow by one a poll.
// `watch` is all of it, with the choice of the pools and the ages of their sockets; counters as in
// work_meter.h.
#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "analysis/arrival_rate.h"
#include "analysis/forecast.h"
#include "analysis/lasting_growth.h"
#include "analysis/open_sockets.h"
#include "analysis/pool_watch.h"
#include "analysis/tightness.h"
#include "work_meter.h"

namespace timewait::bench {
namespace {

using namespace std::chrono_literals;
using analysis::OpenSockets;

constexpr std::uint32_t kArrivalRate = 4;
constexpr std::uint32_t kPollsBefore = 10min / 5s;

enum class Load { kSteady, kChurn, kLeak };

// The open sockets of a pool, poll after poll.
class OpenCounts {
 public:
  explicit OpenCounts(Load load) : load_(load) {}

  std::uint32_t next() {
    ++polls_;
    switch (load_) {
      case Load::kSteady:
        break;
      case Load::kChurn:
        return std::uniform_int_distribution(80u, 120u)(random_);
      case Load::kLeak:
        return 100 + polls_;
    }
    return 100;
  }

 private:
  Load load_;
  std::uint32_t polls_ = 0;
  std::minstd_rand random_;
};

OpenSockets::Clock::time_point time_of(std::uint32_t poll) {
  return OpenSockets::Clock::time_point(1h + poll * 5s);
}

analysis::PoolKey key_of(std::uint32_t pool) {
  const auto host = static_cast<std::uint8_t>(pool);
  return {inet::Address::from_ipv4({10, 0, 0, 1}),
          {inet::Address::from_ipv4({10, 0, 1, host}), 80}};
}

// As many pools as are watched, poll after poll.
class Pools {
 public:
  explicit Pools(Load load) : open_(analysis::PoolWatch::kTightest, OpenCounts(load)) {}

  void next_poll() {
    ++polls_;
    table_.clear();
    time_waits_ = 0;
    for (std::uint32_t pool = 0; pool < open_.size(); ++pool) fill(pool);
  }

  std::vector<analysis::Pool> watch() {
    return watch_.watch(table_, analysis::tightest(table_.pools(), analysis::PoolWatch::kTightest),
                        {}, {time_of(polls_), settings_, usable_.capacity(), time_waits_});
  }

 private:
  void fill(std::uint32_t pool) {
    reading::SocketRecord socket;
    const analysis::PoolKey key = key_of(pool);
    socket.local = {key.local, settings_.ephemeral_ports.first};
    socket.remote = key.remote;
    const auto add = [&] {
      table_.add(socket, usable_, settings_, {});
      ++socket.local.port;
    };
    socket.state = inet::TcpState::kEstablished;
    for (std::uint32_t open = open_[pool].next(); open > 0; --open) add();
    socket.state = inet::TcpState::kTimeWait;
    for (socket.time_wait_left = 0ms; socket.time_wait_left < reading::kTimeWaitLength;
         socket.time_wait_left += 1000ms / kArrivalRate) {
      ++time_waits_;
      add();
    }
  }

  reading::TcpSettings settings_;
  analysis::UsablePorts usable_{settings_, {}};
  std::vector<OpenCounts> open_;
  analysis::PoolTable table_;
  analysis::PoolWatch watch_;
  std::uint32_t polls_ = 0;
  std::uint64_t time_waits_ = 0;  // at this poll
};

void watch(benchmark::State& state, Load load) {
  Pools pools(load);
  for (std::uint32_t i = 0; i < kPollsBefore; ++i) {
    pools.next_poll();
    pools.watch();
  }
  run_metered(state, analysis::PoolWatch::kTightest, "pool", [&](WorkMeter& meter) {
    pools.next_poll();
    meter.measure([&] { benchmark::DoNotOptimize(pools.watch()); });
  });
}

// What is known of one pool.
class PoolHistory {
 public:
  explicit PoolHistory(Load load) : open_(load) {
    for (std::uint32_t i = 0; i < kPollsBefore; ++i) next_poll();
    for (double& second : arrivals_) second = kArrivalRate;
    for (std::size_t i = 0; i < arrivals_.size(); ++i) arrivals_[i] += course_.growth[i];
  }

  void next_poll() {
    open_sockets_.begin(time_of(++polls_));
    last_ = open_.next();
    course_ = open_sockets_.update(key_of(0), last_);
    open_sockets_.end(true);
  }

  analysis::Growth steady_growth() const { return analysis::steady_growth(course_.counts); }
  analysis::Growth quick_growth() const {
    return analysis::quick_growth(course_.growth, course_.counts, analysis::Timing::kExact);
  }
  double arrival_rate() const {
    return analysis::arrival_rate(arrivals_, analysis::Timing::kExact);
  }

  analysis::PoolDemand demand() const {
    analysis::PoolDemand demand;
    demand.capacity = 28'232;
    demand.open = last_;
    demand.time_waits.entered.fill(kArrivalRate);
    demand.arrival_rate = arrival_rate();
    demand.open_growth = steady_growth();
    demand.hold_seconds = 62;
    demand.hold_slack_seconds = 2;
    demand.time_wait_room = 100'000;
    return demand;
  }

 private:
  OpenCounts open_;
  OpenSockets open_sockets_;
  OpenSockets::Course course_;
  analysis::PerSecond arrivals_{};
  std::uint32_t polls_ = 0;
  std::uint32_t last_ = 0;
};

void remember(benchmark::State& state, Load load) {
  PoolHistory pool(load);
  for (auto _ : state) pool.next_poll();
}

void steady_growth(benchmark::State& state, Load load) {
  const PoolHistory pool(load);
  for (auto _ : state) benchmark::DoNotOptimize(pool.steady_growth());
}

void quick_growth(benchmark::State& state, Load load) {
  const PoolHistory pool(load);
  for (auto _ : state) benchmark::DoNotOptimize(pool.quick_growth());
}

void arrival_rate(benchmark::State& state, Load load) {
  const PoolHistory pool(load);
  for (auto _ : state) benchmark::DoNotOptimize(pool.arrival_rate());
}

void seconds_to_exhaustion(benchmark::State& state, Load load) {
  const analysis::PoolDemand demand = PoolHistory(load).demand();
  for (auto _ : state) benchmark::DoNotOptimize(analysis::seconds_to_exhaustion(demand));
}

// A leak must not come to use all the ports while it is measured.
void measured(benchmark::internal::Benchmark* bench) {
  bench->UseManualTime()->Unit(benchmark::kMicrosecond)->Iterations(200);
}

BENCHMARK_CAPTURE(watch, steady, Load::kSteady)->Apply(measured);
BENCHMARK_CAPTURE(watch, churn, Load::kChurn)->Apply(measured);
BENCHMARK_CAPTURE(watch, leak, Load::kLeak)->Apply(measured);
BENCHMARK_CAPTURE(remember, churn, Load::kChurn);
BENCHMARK_CAPTURE(steady_growth, steady, Load::kSteady);
BENCHMARK_CAPTURE(steady_growth, churn, Load::kChurn);
BENCHMARK_CAPTURE(steady_growth, leak, Load::kLeak);
BENCHMARK_CAPTURE(quick_growth, churn, Load::kChurn);
BENCHMARK_CAPTURE(arrival_rate, steady, Load::kSteady);
BENCHMARK_CAPTURE(arrival_rate, churn, Load::kChurn);
BENCHMARK_CAPTURE(seconds_to_exhaustion, steady, Load::kSteady);
BENCHMARK_CAPTURE(seconds_to_exhaustion, leak, Load::kLeak);

}  // namespace
}  // namespace timewait::bench

BENCHMARK_MAIN();
