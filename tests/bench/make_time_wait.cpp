// Fills its network namespace with TIME_WAIT sockets of outbound connections, faster than they
// expire, spread over few destinations.
//
// usage: make_time_wait CAPACITY
//
// CAPACITY is how many there are to be at most. Reads from stdin how many to make, one number a
// line, and answers each with a line "made" when they are. Whatever fails ends it with a message.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "loopback_connections.h"

namespace timewait::bench {
namespace {

constexpr std::uint32_t kThreads = 2;
// Half of the default range: beyond it connect() takes ever longer.
constexpr std::uint32_t kPerDestination = 14'000;

// Destinations that one thread connects to. They are its own, so that it accepts no connection of
// another thread.
class Destinations {
 public:
  Destinations(std::uint32_t first_host, std::uint32_t count) : first_host_(first_host) {
    for (std::uint32_t i = 0; i < count; ++i) listeners_.push_back(listen_at(first_host + i));
  }

  void leave_time_waits(std::uint32_t count) {
    for (; count > 0; --count) {
      leave_time_wait(listeners_[next_], first_host_ + next_);
      next_ = (next_ + 1) % static_cast<std::uint32_t>(listeners_.size());
    }
  }

 private:
  std::uint32_t first_host_;
  std::uint32_t next_ = 0;
  std::vector<base::UniqueFd> listeners_;
};

void make(std::vector<Destinations>& of_threads, std::uint32_t count) {
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < kThreads; ++i) {
    const std::uint32_t share = count / kThreads + (i < count % kThreads ? 1 : 0);
    threads.emplace_back([&of_threads, i, share] { of_threads[i].leave_time_waits(share); });
  }
  for (std::thread& thread : threads) thread.join();
}

int answer_commands(std::uint32_t capacity) {
  const std::uint32_t destinations = capacity / kThreads / kPerDestination + 1;
  std::vector<Destinations> of_threads;
  for (std::uint32_t i = 0; i < kThreads; ++i) {
    of_threads.emplace_back(1 + i * destinations, destinations);
  }
  for (std::uint32_t count; std::cin >> count;) {
    make(of_threads, count);
    std::cout << "made" << std::endl;
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace timewait::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_time_wait CAPACITY\n";
    return EXIT_FAILURE;
  }
  return timewait::bench::answer_commands(
      static_cast<std::uint32_t>(std::strtoul(argv[1], nullptr, 10)));
}
