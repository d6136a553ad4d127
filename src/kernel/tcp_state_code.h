// The kernel's numbers of TCP states (include/net/tcp_states.h), as dumps show them.
#pragma once

#include <cstdint>
#include <optional>

#include "inet/tcp_state.h"

namespace timewait::kernel {

// Nothing for a number that TCP does not have.
inline std::optional<inet::TcpState> decode_state(std::uint8_t code) {
  constexpr std::uint8_t kNewSynRecv = 12;     // TCP_NEW_SYN_RECV, not in the UAPI headers
  constexpr std::uint8_t kBoundInactive = 13;  // TCP_BOUND_INACTIVE, Linux 6.8
  if (code == kNewSynRecv) return inet::TcpState::kSynRecv;
  if (code == kBoundInactive) return inet::TcpState::kClose;
  if (code < inet::index_of(inet::TcpState::kEstablished) ||
      code > inet::index_of(inet::TcpState::kClosing)) {
    return std::nullopt;
  }
  return static_cast<inet::TcpState>(code);
}

}  // namespace timewait::kernel
