// What the analysis of a poll costs by itself, on made-up TIME_WAIT sockets.
//
// Arguments of each benchmark: how many sockets there are, and how many pools they are in.
// `allocations` is per poll, of a poll like the one before it.
#include <algorithm>
#include <array>
#include <vector>

#include <benchmark/benchmark.h>

#include "allocation_count.h"
#include "analysis/aggregator.h"

namespace timewait::bench {
namespace {

// Pools take turns, since the kernel's hash table strews their sockets. Cookies are as four polls
// gave them to the sockets that were new to each, in the order of their dumps.
std::vector<reading::SocketRecord> make_sockets(std::uint32_t count, std::uint32_t pools) {
  std::vector<reading::SocketRecord> sockets(count);
  std::array<std::uint64_t, 4> next_cookie = {1, count, 2 * count, 3 * count};
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t pool = i % pools;
    reading::SocketRecord& socket = sockets[i];
    socket.state = inet::TcpState::kTimeWait;
    socket.cookie = next_cookie[i * 2'654'435'769u >> 30]++;
    socket.time_wait_left = std::chrono::milliseconds(i % 60'000);
    socket.local = {inet::Address::from_ipv4({10, 0, 0, 1}),
                    static_cast<std::uint16_t>(32768 + i / pools)};
    socket.remote = {inet::Address::from_ipv4({11, static_cast<std::uint8_t>(pool >> 16),
                                               static_cast<std::uint8_t>(pool >> 8),
                                               static_cast<std::uint8_t>(pool)}),
                     80};
  }
  return sockets;
}

analysis::Snapshot poll(analysis::Aggregator& aggregator,
                        const std::vector<reading::SocketRecord>& sockets) {
  constexpr std::size_t kDatagram = 256;  // sockets in one
  aggregator.begin({}, {});
  for (std::size_t i = 0; i < sockets.size(); i += kDatagram) {
    aggregator.add({&sockets[i], std::min(kDatagram, sockets.size() - i)});
  }
  return aggregator.finish({}, {});
}

void aggregate(benchmark::State& state) {
  const std::vector<reading::SocketRecord> sockets = make_sockets(
      static_cast<std::uint32_t>(state.range(0)), static_cast<std::uint32_t>(state.range(1)));
  analysis::Aggregator aggregator(analysis::Rules{});
  poll(aggregator, sockets);
  std::uint64_t allocations = 0;
  for (auto _ : state) {
    const std::uint64_t before = allocation_count();
    benchmark::DoNotOptimize(poll(aggregator, sockets));
    allocations = allocation_count() - before;
  }
  state.counters["allocations"] = static_cast<double>(allocations);
}

BENCHMARK(aggregate)
    ->Args({1'000, 10})
    ->Args({10'000, 10})
    ->Args({100'000, 10})
    ->Args({100'000, 1'000})
    ->Args({100'000, 100'000})
    ->Args({1'000'000, 1'000'000})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace timewait::bench

BENCHMARK_MAIN();
