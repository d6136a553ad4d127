#include "analysis/time_wait_entries.h"

#include <bit>
#include <utility>

namespace timewait::analysis {
namespace {

constexpr int kPollBits = 2;
constexpr int kLineBits = 3;  // 8 slots of 8 bytes

}  // namespace

// erase() moves another slot here, so one is looked at until it stays. What comes from the table's
// other end has been looked at, and to do so again does no harm.
void TimeWaitEntries::begin() {
  for (std::size_t i = 0; i < slots_.size();) {
    // One comparison, which an empty slot fails too: the processor foresees it.
    if ((slots_[i] & (this_poll_ | last_poll_)) == this_poll_) {
      erase(i);
    } else {
      slots_[i] &= ~this_poll_;
      ++i;
    }
  }
}

bool TimeWaitEntries::is_new(const reading::SocketRecord& socket) {
  const std::uint64_t seen_now = socket.cookie << kPollBits | this_poll_;
  for (std::size_t i = home_of(seen_now);; i = wrapped(i + 1)) {
    if (slots_[i] == 0) {
      slots_[i] = seen_now;
      ++used_;
      if (used_ > slots_.size() / 4 * 3) grow();
      return true;
    }
    if ((slots_[i] ^ seen_now) >> kPollBits == 0) {
      slots_[i] |= this_poll_;
      return false;
    }
  }
}

void TimeWaitEntries::commit() { std::swap(this_poll_, last_poll_); }

// Sockets that a dump is the first to show get their cookies from it, in its order. So those that
// follow each other share a cache line, and Fibonacci hashing spreads the lines.
std::size_t TimeWaitEntries::home_of(std::uint64_t slot) const {
  const std::uint64_t cookie = slot >> kPollBits;
  const std::uint64_t hash = (cookie >> kLineBits) * 0x9e3779b97f4a7c15;
  const std::size_t line = hash >> (std::countl_zero(slots_.size()) + 1 + kLineBits);
  return line << kLineBits | (cookie & ((1 << kLineBits) - 1));
}

// Fills the hole from behind, as far as a slot's home lies not behind the hole.
void TimeWaitEntries::erase(std::size_t hole) {
  for (std::size_t i = wrapped(hole + 1); slots_[i] != 0; i = wrapped(i + 1)) {
    if (wrapped(i - home_of(slots_[i])) < wrapped(i - hole)) continue;
    slots_[hole] = slots_[i];
    hole = i;
  }
  slots_[hole] = 0;
  --used_;
}

void TimeWaitEntries::grow() {
  const std::vector<std::uint64_t> full =
      std::exchange(slots_, std::vector<std::uint64_t>(2 * slots_.size()));
  for (const std::uint64_t slot : full) {
    if (slot == 0) continue;
    std::size_t i = home_of(slot);
    while (slots_[i] != 0) i = wrapped(i + 1);
    slots_[i] = slot;
  }
}

}  // namespace timewait::analysis
