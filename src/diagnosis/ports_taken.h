// By what the ports of the ephemeral range are taken from the view of one pool. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "analysis/snapshot.h"

namespace timewait::diagnosis {

// In the order in which they are told. The first ones are of the pool, the last two of all pools.
enum class Taker {
  kTimeWait,     // that the kernel would not give again now
  kEstablished,  // SYN_RECV among them: both ends called connect()
  kCloseWait,
  kSynSent,
  kFinWait2,
  kUnanswered,  // FIN_WAIT1, CLOSING, LAST_ACK: the peer does not acknowledge that this host closed
  kBound,       // held by bind()
  kReserved,
};
inline constexpr std::size_t kTakers = 8;

class PortsTaken {
 public:
  PortsTaken(const analysis::Pool& pool, const analysis::Snapshot& snapshot);

  std::uint32_t by(Taker taker) const { return ports_[static_cast<std::size_t>(taker)]; }
  // Who takes most.
  Taker most() const;
  // Of the sockets that are not in TIME_WAIT.
  Taker most_of_open() const;

 private:
  std::uint32_t& count_of(Taker taker) { return ports_[static_cast<std::size_t>(taker)]; }

  std::array<std::uint32_t, kTakers> ports_{};
};

}  // namespace timewait::diagnosis
