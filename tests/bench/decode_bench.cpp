// What decoding costs by itself: from the datagrams of a dump to socket records.
//
// Arguments of each benchmark: how many sockets there are. A datagram lies in the cache, where the
// kernel has just put it, so it is copied there first, which is not measured. Counters as in
// work_meter.h, of the sockets that come out.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>
#include <linux/inet_diag.h>

#include "kernel/inet_diag_decoder.h"
#include "made_dump.h"
#include "own_namespace.h"
#include "raw_dump.h"
#include "work_meter.h"

namespace timewait::bench {
namespace {

// Takes its datagrams as kernel::SocketDump does.
class Decoding {
 public:
  explicit Decoding(const RawDump& dump) : dump_(dump), buffer_(kMaxDatagramBytes) {
    records_.reserve(kMaxDatagramBytes / sizeof(inet_diag_msg));
  }

  // Gives the number of sockets. What cannot be decoded ends the program with a message.
  std::size_t run(WorkMeter& meter) {
    std::size_t sockets = 0;
    for (const std::vector<std::byte>& datagram : dump_.datagrams) {
      std::copy(datagram.begin(), datagram.end(), buffer_.begin());
      meter.measure([&] { decode(std::span(buffer_).first(datagram.size())); });
      sockets += records_.size();
    }
    return sockets;
  }

 private:
  void decode(std::span<const std::byte> datagram) {
    records_.clear();
    const auto progress = kernel::decode_datagram(datagram, dump_.identity, records_);
    require(progress.ok() && *progress == kernel::DumpProgress::kMore, "decode");
    benchmark::DoNotOptimize(records_.data());
  }

  const RawDump& dump_;
  std::vector<std::byte> buffer_;
  std::vector<reading::SocketRecord> records_;
};

void decode(benchmark::State& state, const RawDump& dump, std::size_t sockets) {
  Decoding decoding(dump);
  WorkMeter unused;
  require(decoding.run(unused) == sockets, "find every socket");
  run_metered(state, sockets, "socket", [&](WorkMeter& meter) { decoding.run(meter); });
}

std::uint32_t sockets_of(const benchmark::State& state) {
  return static_cast<std::uint32_t>(state.range(0));
}

void time_wait_ipv4(benchmark::State& state) {
  decode(state, made_raw(made_outbound(sockets_of(state), 100)), sockets_of(state));
}

void time_wait_ipv6(benchmark::State& state) {
  decode(state, made_raw(in_ipv6(made_outbound(sockets_of(state), 100))), sockets_of(state));
}

void listeners_with_attributes(benchmark::State& state) {
  decode(state, made_raw(made_inbound(0, sockets_of(state))), sockets_of(state));
}

void recorded(benchmark::State& state) {
  decode(state, recorded_raw(sockets_of(state), 10), sockets_of(state));
}

void measured(benchmark::internal::Benchmark* bench) {
  bench->UseManualTime()->Unit(benchmark::kMicrosecond);
}

BENCHMARK(time_wait_ipv4)->Apply(measured)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(time_wait_ipv6)->Apply(measured)->Arg(1'000)->Arg(100'000);
BENCHMARK(listeners_with_attributes)->Apply(measured)->Arg(1'000)->Arg(10'000);
BENCHMARK(recorded)->Apply(measured)->Arg(1'000)->Arg(100'000);

}  // namespace
}  // namespace timewait::bench

BENCHMARK_MAIN();
