#include "analysis/group_memory.h"

#include <algorithm>

namespace timewait::analysis {

void GroupMemory::begin() {
  for (auto& [name, entry] : entries_) entry.updated = false;
}

SocketGroup GroupMemory::update(const std::string& name, const StateCounts& sockets,
                                std::uint64_t time_wait_entered,
                                std::optional<std::uint32_t> lasting_close_waits) {
  Entry& entry = entries_[name];
  entry.updated = true;
  SocketGroup& group = entry.group;
  group.sockets = sockets;
  group.time_wait_entered += time_wait_entered;
  group.lasting_close_waits = lasting_close_waits.value_or(
      std::min(group.lasting_close_waits, sockets[inet::TcpState::kCloseWait]));
  for (const inet::TcpState state : inet::kConnectionStates) {
    if (sockets[state] > 0) group.states_seen.set(inet::index_of(state));
  }
  group.states_seen.set(inet::index_of(inet::TcpState::kEstablished));
  group.states_seen.set(inet::index_of(inet::TcpState::kTimeWait));
  return group;
}

void GroupMemory::forget_others() {
  std::erase_if(entries_, [](const auto& entry) { return !entry.second.updated; });
}

}  // namespace timewait::analysis
