// What becomes of the memory over very many polls, on real sockets that come and go.
//
// usage: many_polls POLLS
//
// Polls without a pause, where a daemon waits a second or more, in a network namespace of its own.
// Connections are made before each poll: most to destinations that are always the same, one to a
// destination that was never seen. It does so for a minute first, until as many sockets expire as
// are made. Then it prints a line "POLLS SOCKETS ANONYMOUS_KIB" at once and after every thousand
// polls: polls since then, sockets in the last, resident memory that is no file's.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include <unistd.h>

#include "base/unique_fd.h"
#include "kernel/kernel_source.h"
#include "loopback_connections.h"
#include "own_namespace.h"
#include "polling/poller.h"

namespace timewait::bench {
namespace {

constexpr std::uint32_t kOldDestinations = 16;
constexpr std::uint32_t kToOldDestinations = 4;  // connections before each poll
constexpr std::uint32_t kPollsPerLine = 1'000;
constexpr std::chrono::seconds kUntilSteady{65};  // TIME_WAIT, and how late its timer may be

// From /proc/self/statm: size, resident, shared (which is that of files), in pages.
std::uint64_t anonymous_kib() {
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::uint64_t of_files = 0;
  std::ifstream("/proc/self/statm") >> size >> resident >> of_files;
  return (resident - of_files) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

class Trial {
 public:
  // Some connections, then a poll. A failure ends the program with a message.
  void poll() {
    for (std::uint32_t i = 0; i < kToOldDestinations; ++i) {
      next_old_ = next_old_ % kOldDestinations + 1;
      leave_time_wait(listener_, next_old_);
    }
    leave_time_wait(listener_, ++last_new_);

    const polling::Poller::PollResult result = poller_.poll();
    require(result.ok(), "poll");
    sockets_ = (*result)->sockets_read;
  }

  std::uint64_t sockets() const { return sockets_; }

 private:
  base::UniqueFd listener_ = listen_everywhere();
  polling::Poller poller_{std::make_unique<kernel::KernelSource>(), analysis::Rules{},
                          std::nullopt};
  std::uint32_t next_old_ = 0;
  std::uint32_t last_new_ = kOldDestinations;
  std::uint64_t sockets_ = 0;  // in the last poll
};

void poll_many_times(std::uint32_t polls) {
  enter_fresh_namespace();
  std::ofstream("/proc/sys/net/ipv4/tcp_max_tw_buckets") << "1000000\n";
  std::ofstream("/proc/sys/net/ipv4/tcp_tw_reuse") << "0\n";
  Trial trial;
  using Clock = std::chrono::steady_clock;
  for (const auto steady = Clock::now() + kUntilSteady; Clock::now() < steady;) trial.poll();
  for (std::uint32_t done = 0; done <= polls; ++done) {
    if (done > 0) trial.poll();
    if (done % kPollsPerLine == 0) {
      std::cout << done << " " << trial.sockets() << " " << anonymous_kib() << std::endl;
    }
  }
}

}  // namespace
}  // namespace timewait::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: many_polls POLLS\n";
    return EXIT_FAILURE;
  }
  timewait::bench::poll_many_times(static_cast<std::uint32_t>(std::strtoul(argv[1], nullptr, 10)));
}
