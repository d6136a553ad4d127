#include "analysis/time_wait_entries.h"

#include <utility>

namespace timewait::analysis {

void TimeWaitEntries::begin() { current_.clear(); }

bool TimeWaitEntries::is_new(const reading::SocketRecord& socket) {
  const bool is_first = current_.insert(socket.cookie).second;
  return is_first && !last_.contains(socket.cookie);
}

void TimeWaitEntries::commit() { std::swap(current_, last_); }

}  // namespace timewait::analysis
