// What is remembered about a name from one poll to the next: the states it had sockets in, and the
// counter of its TIME_WAIT entries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "analysis/snapshot.h"

namespace timewait::analysis {

class GroupMemory {
 public:
  // Opens a poll.
  void begin();

  bool knows(const std::string& name) const { return entries_.contains(name); }

  // The group under `name` after this poll: the memory of the name, brought up to date. A name
  // without a memory starts with what this poll counted. `lasting_close_waits`: absent if this poll
  // does not tell.
  SocketGroup update(const std::string& name, const StateCounts& sockets,
                     std::uint64_t time_wait_entered,
                     std::optional<std::uint32_t> lasting_close_waits);

  // Closes a poll: names that it did not update are forgotten.
  void forget_others();

 private:
  struct Entry {
    SocketGroup group;
    bool updated = false;
  };
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace timewait::analysis
