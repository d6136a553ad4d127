#include "kernel/bound_sockets.h"

#include <algorithm>
#include <utility>

namespace timewait::kernel {

void BoundSockets::begin() {
  seen_.clear();
  sockets_ = 0;
}

void BoundSockets::see(std::span<const reading::SocketRecord> sockets) {
  sockets_ += sockets.size();
  for (const reading::SocketRecord& socket : sockets) {
    if (socket.state == inet::TcpState::kListen) continue;
    if (socket.state != inet::TcpState::kClose) return;  // what holds ports comes before the rest
    if (seen_.size() <= kMost) seen_.push_back(socket);
  }
}

void BoundSockets::finish(Clock::time_point asked_at) {
  valid_until_.reset();
  known_.clear();
  if (seen_.size() > kMost) return;
  std::swap(known_, seen_);
  valid_until_ = asked_at + std::min<Clock::duration>(kValidAtMost, sockets_ * kValidPerSocket);
}

}  // namespace timewait::kernel
