// Tells the TIME_WAIT sockets that entered the state since the last good poll from those that an
// earlier poll has counted already.
//
// The kernel keeps a socket in TIME_WAIT for 60 s, so polls may be nearly that far apart and miss
// none but those that were reused or cut short. A socket is known by its cookie. Its age would not
// do: a repeated FIN of the peer starts the 60 s anew (`tcp_timewait_state_process`), and the
// socket looks young again.
//
// The rule for the first poll: every TIME_WAIT socket that it sees has entered.
#pragma once

#include <cstdint>

#include <tsl/robin_set.h>

#include "reading/socket_record.h"

namespace timewait::analysis {

class TimeWaitEntries {
 public:
  // Opens a poll. A poll that was opened before and not committed is forgotten.
  void begin();

  // True for a TIME_WAIT socket that neither the last committed poll nor this one has seen: a dump
  // of changing tables may show a socket twice.
  bool is_new(const reading::SocketRecord& socket);

  // The poll succeeded: what it saw is counted.
  void commit();

 private:
  // Cookies of all TIME_WAIT sockets of a poll: some 16 to 32 bytes each, at most
  // tcp_max_tw_buckets.
  tsl::robin_set<std::uint64_t> current_;
  tsl::robin_set<std::uint64_t> last_;
};

}  // namespace timewait::analysis
