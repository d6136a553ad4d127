// What classifying costs by itself: whether the local end of a connection is a listener's, and
// which one's.
//
// Arguments of each benchmark: how many listeners there are. Inbound, each socket belongs to one of
// them, in no order; outbound to none, on ports of the default range. Counters as in work_meter.h.
#include <cstddef>
#include <cstdint>
#include <span>

#include <benchmark/benchmark.h>

#include "analysis/listener_table.h"
#include "made_dump.h"
#include "own_namespace.h"
#include "replay.h"
#include "work_meter.h"

namespace timewait::bench {
namespace {

constexpr std::uint32_t kSockets = 100'000;

std::uint32_t listeners_of(const benchmark::State& state) {
  return static_cast<std::uint32_t>(state.range(0));
}

// The listeners of `inbound`, and all connections of `dump`, which are inbound or none of them is.
void classify(benchmark::State& state, const Dump& inbound, const Dump& dump, bool is_inbound) {
  analysis::ListenerTable table({});
  for (std::uint32_t i = 0; i < listeners_of(state); ++i) table.add_listener(inbound[i]);
  run_metered(state, dump.size(), "socket", [&](WorkMeter& meter) {
    std::size_t found = 0;
    replay(dump, [&](std::span<const reading::SocketRecord> sockets, std::size_t) {
      meter.measure([&] {
        for (const auto& socket : sockets) found += table.find(socket.local) != nullptr ? 1 : 0;
      });
    });
    require(found == (is_inbound ? dump.size() : 0), "classify");
  });
}

void inbound(benchmark::State& state, Bound bound) {
  const std::uint32_t listeners = listeners_of(state);
  const Dump dump = made_inbound(kSockets, listeners, bound);
  classify(state, dump, Dump(dump.begin() + listeners, dump.end()), true);
}

void at_any_ipv6(benchmark::State& state) { inbound(state, Bound::kAnyIpv6); }
void at_any_ipv4(benchmark::State& state) { inbound(state, Bound::kAnyIpv4); }
void at_address(benchmark::State& state) { inbound(state, Bound::kAddress); }

void outbound(benchmark::State& state) {
  classify(state, made_inbound(0, listeners_of(state)), made_outbound(kSockets, 100), false);
}

void measured(benchmark::internal::Benchmark* bench) {
  bench->UseManualTime()->Unit(benchmark::kMicrosecond)->Arg(1)->Arg(10)->Arg(1'000);
}

BENCHMARK(at_any_ipv6)->Apply(measured);
BENCHMARK(at_any_ipv4)->Apply(measured);
BENCHMARK(at_address)->Apply(measured);
BENCHMARK(outbound)->Apply(measured);

}  // namespace
}  // namespace timewait::bench

BENCHMARK_MAIN();
