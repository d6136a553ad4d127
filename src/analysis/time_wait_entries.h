// Tells the TIME_WAIT sockets that entered the state since the last good poll from those that an
// earlier poll has counted already.
//
// The age of a TIME_WAIT socket says when it entered, so polls may be far apart: none is missed
// that lives until a poll, and the kernel keeps them for 60 s. The age is exact to a timer tick (1
// to 10 ms) and the time of reading to a scheduling delay, so near the last poll the age alone
// could count a socket twice or never. Sockets that young are remembered by their cookie until the
// next poll instead.
//
// The rule for the first poll: every TIME_WAIT socket that it sees has entered.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <tsl/robin_set.h>

#include "reading/socket_record.h"

namespace timewait::analysis {

class TimeWaitEntries {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Opens a poll. A poll that was opened before and not committed is forgotten.
  void begin(Time started_at);

  // True for a TIME_WAIT socket that no committed poll has counted. Call once per socket and poll;
  // `filled_at` is its batch's.
  bool is_new(const reading::SocketRecord& socket, Time filled_at);

  // The poll succeeded: what it saw is counted.
  void commit();

 private:
  struct Poll {
    Time started_at{};
    tsl::robin_set<std::uint64_t> young;  // cookies of those that entered about then or later
  };

  Poll current_;
  Poll last_;
  bool has_last_ = false;
};

}  // namespace timewait::analysis
