// What is known of one name, and when it is to be looked up again. Not thread-safe.
//
// After an answer: when the shortest of its times to live is over, but not before 1 s and not after
// 5 min; after 5 s if it has none, as a name of /etc/hosts has none and that of a registry of
// services often 0. After failures: 1 s, 2 s, 4 s... and at last every 30 s, whether there ever was
// an answer or not; the last answer stays.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "resolve/host_addresses.h"
#include "resolve/lookup.h"

namespace timewait::resolve {

class HostRecord {
 public:
  using Clock = std::chrono::steady_clock;

  const HostState& state() const { return state_; }
  Clock::time_point due() const { return due_; }  // of the next lookup; a new record's is over

  // Both are told when the lookup ended.
  void answered(Answer answer, Clock::time_point now, std::chrono::system_clock::time_point wall);
  void failed(std::string why, Clock::time_point now);

 private:
  HostState state_;
  std::vector<inet::Address> last_answer_;
  Clock::time_point due_{};
  int failures_ = 0;  // in a row
};

}  // namespace timewait::resolve
