#include "analysis/time_wait_entries.h"

#include <utility>

namespace timewait::analysis {

void TimeWaitEntries::begin() { current_.clear(); }

bool TimeWaitEntries::is_new(const reading::SocketRecord& socket) {
  current_.insert(socket.cookie);
  return !last_.contains(socket.cookie);
}

void TimeWaitEntries::commit() { std::swap(current_, last_); }

}  // namespace timewait::analysis
