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

#include <cstddef>
#include <cstdint>
#include <vector>

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
  std::size_t home_of(std::uint64_t slot) const;
  std::size_t wrapped(std::size_t place) const { return place & (slots_.size() - 1); }
  void erase(std::size_t hole);
  void grow();

  // One table for both polls, since most sockets are in both: 11 to 21 bytes for each that either
  // poll has seen. A slot is 0, or a cookie and the polls that saw it: two bits, for which the
  // cookie's highest two are left out. The other 62 tell sockets apart: the kernel counts cookies
  // up.
  //
  // Linear probing: a slot that is not at its home has no empty one between there and its place.
  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(std::size_t{1} << 10);
  std::size_t used_ = 0;
  std::uint64_t this_poll_ = 1;
  std::uint64_t last_poll_ = 2;
};

}  // namespace timewait::analysis
