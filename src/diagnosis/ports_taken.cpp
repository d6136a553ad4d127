#include "diagnosis/ports_taken.h"

#include <algorithm>

#include "inet/tcp_state.h"

namespace timewait::diagnosis {
namespace {

using inet::TcpState;

constexpr std::size_t kFirstOpen = static_cast<std::size_t>(Taker::kEstablished);
constexpr std::size_t kAfterOpen = static_cast<std::size_t>(Taker::kBound);

}  // namespace

PortsTaken::PortsTaken(const analysis::Pool& pool, const analysis::Snapshot& snapshot) {
  const std::uint32_t time_waits = std::min(pool.time_wait_ages.total(), pool.headroom.used);
  count_of(Taker::kTimeWait) = time_waits - std::min(time_waits, pool.headroom.reusable);
  count_of(Taker::kEstablished) =
      pool.sockets[TcpState::kEstablished] + pool.sockets[TcpState::kSynRecv];
  count_of(Taker::kCloseWait) = pool.sockets[TcpState::kCloseWait];
  count_of(Taker::kSynSent) = pool.sockets[TcpState::kSynSent];
  count_of(Taker::kFinWait2) = pool.sockets[TcpState::kFinWait2];
  count_of(Taker::kUnanswered) = pool.sockets[TcpState::kFinWait1] +
                                 pool.sockets[TcpState::kClosing] +
                                 pool.sockets[TcpState::kLastAck];
  count_of(Taker::kBound) = snapshot.ephemeral_ports_bound;
  count_of(Taker::kReserved) = snapshot.ephemeral_ports_reserved;

  // Some of the sockets may be on ports outside the range, or on such as bind() holds.
  std::uint32_t sockets = 0;
  for (std::size_t i = kFirstOpen; i < kAfterOpen; ++i) sockets += ports_[i];
  const std::uint32_t used = pool.headroom.used - time_waits;
  if (sockets <= used) return;
  for (std::size_t i = kFirstOpen; i < kAfterOpen; ++i) {
    ports_[i] = static_cast<std::uint32_t>(std::uint64_t{ports_[i]} * used / sockets);
  }
}

Taker PortsTaken::most() const {
  return static_cast<Taker>(std::max_element(ports_.begin(), ports_.end()) - ports_.begin());
}

Taker PortsTaken::most_of_open() const {
  const auto first = ports_.begin() + kFirstOpen;
  return static_cast<Taker>(std::max_element(first, ports_.begin() + kAfterOpen) - ports_.begin());
}

}  // namespace timewait::diagnosis
