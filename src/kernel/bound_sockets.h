// The sockets that are bound and neither listen nor are connected, from one dump that asks for them
// to the next. Not thread-safe.
//
// They hold ports, and few hosts have any. To find them the kernel looks at every socket that has a
// port, those in TIME_WAIT too (`tcp_diag_dump`, TCPF_BOUND_INACTIVE), so asking makes a walk about
// a third dearer: some 100 ns for each socket. Therefore the answer of one dump stands for 100 us
// for each socket of it, which keeps the expense at 0.1 % of a core: with 50,000 sockets it is
// asked at every poll that is 5 s from the last, with 400,000 every 40 s.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "reading/socket_record.h"

namespace timewait::kernel {

class BoundSockets {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::microseconds kValidPerSocket{100};
  static constexpr std::chrono::seconds kValidAtMost{60};
  // As many are remembered; with more, every dump asks.
  static constexpr std::size_t kMost = 65'536;

  // Whether a dump that is made now has to ask for them.
  bool are_due(Clock::time_point now) const { return !valid_until_ || now >= *valid_until_; }

  // A dump that asks: begin(), see() for each part of it, finish() if it succeeds; else what was
  // known before stays.
  void begin();
  void see(std::span<const reading::SocketRecord> sockets);
  void finish(Clock::time_point asked_at);

  // As the last dump that asked found them.
  std::span<const reading::SocketRecord> known() const { return known_; }

 private:
  std::vector<reading::SocketRecord> known_;
  std::optional<Clock::time_point> valid_until_;

  // Of the dump at hand.
  std::vector<reading::SocketRecord> seen_;
  std::uint64_t sockets_ = 0;
};

}  // namespace timewait::kernel
