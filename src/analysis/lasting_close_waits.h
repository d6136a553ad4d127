// Tells the sockets that stay in CLOSE_WAIT, since the program does not close them, from those on
// their way to close(), of which a busy host may have as many at any moment. The kernel tells no
// age; but who is in CLOSE_WAIT at two polls was all the time between. Not thread-safe.
#pragma once

#include <chrono>
#include <optional>

#include "analysis/seen_sockets.h"
#include "reading/socket_record.h"

namespace timewait::analysis {

class LastingCloseWaits {
 public:
  using Clock = std::chrono::steady_clock;

  // For so long at least a socket lasts.
  static constexpr std::chrono::seconds kLasting{2};

  // Opens a poll. One that was opened before and not ended leaves no trace.
  void begin() { seen_.begin(); }

  // Whether a socket in CLOSE_WAIT was so at the poll to compare with.
  bool lasts(const reading::SocketRecord& socket) { return !seen_.is_new(socket); }

  // Ends the poll, made at `now`. False if what lasts() said of its sockets is worth nothing: the
  // poll to compare with was not kLasting ago, or there is none.
  bool end(Clock::time_point now) {
    if (compared_with_ && now - *compared_with_ < kLasting) return false;
    const bool is_known = compared_with_.has_value();
    seen_.commit();
    compared_with_ = now;
    return is_known;
  }

 private:
  SeenSockets seen_;
  std::optional<Clock::time_point> compared_with_;
};

}  // namespace timewait::analysis
