// What the kernel itself counts in one network namespace. A field is absent where the kernel lacks
// it.
#pragma once

#include <cstdint>
#include <optional>

namespace timewait::reading {

struct TcpCounters {
  // /proc/net/netstat, TcpExt; all count events since the namespace was made.
  std::optional<std::uint64_t>
      time_wait_entered;  // TW: on entry (`__inet_twsk_schedule`); before 5.18 at the end
  std::optional<std::uint64_t> time_wait_reused;    // TWRecycled
  std::optional<std::uint64_t> time_wait_overflow;  // TCPTimeWaitOverflow
  std::optional<std::uint64_t> listen_overflows;    // ListenOverflows
  std::optional<std::uint64_t> listen_drops;        // ListenDrops
  // /proc/net/snmp, Tcp.
  std::optional<std::uint64_t> active_opens;   // ActiveOpens
  std::optional<std::uint64_t> attempt_fails;  // AttemptFails
  // /proc/net/sockstat, TCP tw: the figure the kernel holds against tcp_max_tw_buckets. It includes
  // sockets that wait for the peer's FIN without a process (FIN_WAIT2 mini-sockets).
  std::optional<std::uint64_t> time_wait_sockets;
};

}  // namespace timewait::reading
