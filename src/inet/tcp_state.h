// The kernel's TCP states (include/net/tcp_states.h) under the names the metrics use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace timewait::inet {

// The values are the kernel's. kClose stands for a socket that is bound and not connected;
// new_syn_recv (12) and bound_inactive (13) are never reported as such: they show as kSynRecv and
// kClose.
enum class TcpState : std::uint8_t {
  kEstablished = 1,
  kSynSent = 2,
  kSynRecv = 3,
  kFinWait1 = 4,
  kFinWait2 = 5,
  kTimeWait = 6,
  kClose = 7,
  kCloseWait = 8,
  kLastAck = 9,
  kListen = 10,
  kClosing = 11,
};

inline constexpr std::size_t kTcpStateCount = 12;  // for arrays indexed by the value

// The states of a connection, in the order in which they are shown.
inline constexpr std::array kConnectionStates = {
    TcpState::kEstablished, TcpState::kSynSent,  TcpState::kSynRecv,
    TcpState::kFinWait1,    TcpState::kFinWait2, TcpState::kTimeWait,
    TcpState::kCloseWait,   TcpState::kLastAck,  TcpState::kClosing,
};

constexpr std::size_t index_of(TcpState state) { return static_cast<std::size_t>(state); }

constexpr std::string_view name_of(TcpState state) {
  constexpr std::array<std::string_view, kTcpStateCount> kNames = {
      "",          "established", "syn_sent",   "syn_recv", "fin_wait1", "fin_wait2",
      "time_wait", "close",       "close_wait", "last_ack", "listen",    "closing"};
  return kNames[index_of(state)];
}

}  // namespace timewait::inet
