#include "analysis/time_wait_entries.h"

#include <iterator>
#include <utility>

namespace timewait::analysis {
namespace {

constexpr std::uint64_t kBlock = 64;  // cookies

}  // namespace

// erase() may move a block from the table's end to its beginning, which is then looked at again;
// that does no harm.
void TimeWaitEntries::begin() {
  for (auto block = blocks_.begin(); block != blocks_.end();) {
    block.value().seen_by[this_poll_] = 0;
    block = block->second.seen_by[last_poll_] == 0 ? blocks_.erase(block) : std::next(block);
  }
}

bool TimeWaitEntries::is_new(const reading::SocketRecord& socket) {
  const std::uint64_t bit = std::uint64_t{1} << socket.cookie % kBlock;
  std::array<std::uint64_t, 2>& seen_by = blocks_[socket.cookie / kBlock].seen_by;
  const bool is_new = ((seen_by[0] | seen_by[1]) & bit) == 0;
  seen_by[this_poll_] |= bit;
  return is_new;
}

void TimeWaitEntries::commit() { std::swap(this_poll_, last_poll_); }

}  // namespace timewait::analysis
