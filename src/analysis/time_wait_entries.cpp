#include "analysis/time_wait_entries.h"

#include <utility>

namespace timewait::analysis {
namespace {

// Upper bound of the error in a time of entry: far above a timer tick, and above the delay of a
// process on a host that starves it between reading a datagram and reading the clock.
constexpr std::chrono::seconds kUncertainty{2};

// What entered this long before a poll, or later, is remembered; what entered `kUncertainty` before
// it is taken for old. The difference covers the errors of both polls: a socket just too old to be
// remembered by one cannot look new to the next.
constexpr std::chrono::seconds kRemembered = 3 * kUncertainty;

}  // namespace

void TimeWaitEntries::begin(Time started_at) {
  current_.started_at = started_at;
  current_.young.clear();
}

bool TimeWaitEntries::is_new(const reading::SocketRecord& socket, Time filled_at) {
  const Time entered_at = filled_at - (reading::kTimeWaitLength - socket.time_wait_left);
  if (entered_at > current_.started_at - kRemembered) current_.young.insert(socket.cookie);

  if (!has_last_) return true;
  if (entered_at <= last_.started_at - kUncertainty) return false;
  return !last_.young.contains(socket.cookie);
}

void TimeWaitEntries::commit() {
  std::swap(current_, last_);
  has_last_ = true;
}

}  // namespace timewait::analysis
