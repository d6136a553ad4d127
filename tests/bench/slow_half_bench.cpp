// What connect() costs toward one destination, by how much of the default range is used: the slow
// half of timewait_outbound_ports_fast, in a network namespace of its own.
//
// Arguments: percent of the range in TIME_WAIT. `ports_fast` is the exporter's figure; the time is
// that of connect() alone, whose connection is then reset, so that it uses up nothing.
#include <chrono>
#include <fstream>
#include <memory>
#include <utility>

#include <benchmark/benchmark.h>
#include <sys/socket.h>

#include "base/unique_fd.h"
#include "kernel/kernel_source.h"
#include "loopback_connections.h"
#include "own_namespace.h"
#include "polling/poller.h"

namespace timewait::bench {
namespace {

constexpr std::uint32_t kRange = 28'232;
constexpr std::uint32_t kHost = 1;

void reset(base::UniqueFd connection) {
  const linger at_once{1, 0};
  ::setsockopt(connection.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void connect_at_percent_used(benchmark::State& state) {
  enter_fresh_namespace();
  std::ofstream("/proc/sys/net/ipv4/ip_local_port_range") << "32768 60999\n";
  keep_every_time_wait();
  const base::UniqueFd listener = listen_everywhere();
  const auto used = static_cast<std::uint32_t>(kRange * state.range(0) / 100);
  for (std::uint32_t i = 0; i < used; ++i) leave_time_wait(listener, kHost);

  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    base::UniqueFd client = connect_to(kHost);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    state.SetIterationTime(taken.count());
    const base::UniqueFd server(::accept(listener.get(), nullptr, nullptr));
    reset(std::move(client));
  }
  polling::Poller poller(std::make_unique<kernel::KernelSource>(), analysis::Rules{}, std::nullopt);
  const polling::Poller::PollResult polled = poller.poll();
  require(polled.ok() && (used == 0 || !(*polled)->discovered_peers.empty()), "poll");
  state.counters["ports_fast"] =
      used == 0 ? kRange / 2 : (*polled)->discovered_peers.at(0).headroom.fast;
}

BENCHMARK(connect_at_percent_used)
    ->Arg(0)
    ->Arg(25)
    ->Arg(45)
    ->Arg(49)
    ->Arg(51)
    ->Arg(60)
    ->Arg(75)
    ->Iterations(300)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace timewait::bench

BENCHMARK_MAIN();
