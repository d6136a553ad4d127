// Tells the sockets that are new since the last committed poll from those that it has seen already.
// Only sockets in one state are put to it. A socket is known by its cookie. To the first poll all
// are new. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <tsl/robin_map.h>

#include "reading/socket_record.h"

namespace timewait::analysis {

class SeenSockets {
 public:
  // Opens a poll. A poll that was opened before and not committed is forgotten.
  void begin();

  // True for a socket that neither the last committed poll nor this one has seen: a dump of
  // changing tables may show a socket twice.
  bool is_new(const reading::SocketRecord& socket) {
    const std::uint64_t bit = std::uint64_t{1} << socket.cookie % kBlock;
    std::array<std::uint64_t, 2>& seen_by = blocks_[socket.cookie / kBlock].seen_by;
    const bool is_new = ((seen_by[0] | seen_by[1]) & bit) == 0;
    seen_by[this_poll_] |= bit;
    return is_new;
  }

  // The poll succeeded, and is the one to compare with from now on.
  void commit();

 private:
  static constexpr std::uint64_t kBlock = 64;

  // Which of so many cookies in a row the polls have seen, a bit for each.
  struct Block {
    std::array<std::uint64_t, 2> seen_by{};  // of this poll and of the last
  };

  // The kernel counts cookies up and gives one to a TIME_WAIT socket when a dump first shows it, in
  // batches for each processor (`gen_cookie_next`). So the sockets that entered between two dumps
  // have cookies in a row, and follow each other in later dumps: a block is nearly full, and the
  // next socket's is likely to be in the processor's cache. At worst, where each socket has a block
  // of its own, it takes 64 to 128 bytes; procfs_dump makes cookies in rows for each pool.
  struct BlockHash {
    std::size_t operator()(std::uint64_t number) const {
      return (number * 0x9e3779b97f4a7c15) >> 32;  // Fibonacci hashing: rows do not overlap
    }
  };

  tsl::robin_map<std::uint64_t, Block, BlockHash> blocks_;
  std::size_t this_poll_ = 0;  // in seen_by
  std::size_t last_poll_ = 1;
};

}  // namespace timewait::analysis
