#include "analysis/seen_sockets.h"

#include <iterator>
#include <utility>

namespace timewait::analysis {

// erase() may move a block from the table's beginning to its end, where it is looked at again; that
// does no harm.
void SeenSockets::begin() {
  for (auto block = blocks_.begin(); block != blocks_.end();) {
    block.value().seen_by[this_poll_] = 0;
    block = block->second.seen_by[last_poll_] == 0 ? blocks_.erase(block) : std::next(block);
  }
}

void SeenSockets::commit() { std::swap(this_poll_, last_poll_); }

}  // namespace timewait::analysis
