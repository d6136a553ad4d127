// The sysctls that decide which ports connect() may use (Documentation/networking/ip-sysctl.rst).
// They hold for IPv6 too, in spite of their names, and each network namespace has its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "inet/port_range.h"
#include "inet/port_set.h"

namespace timewait::reading {

struct TcpSettings {
  inet::PortRange ephemeral_ports{32768, 60999};  // ip_local_port_range
  inet::PortSet reserved_ports;                   // ip_local_reserved_ports
  // tcp_tw_reuse: 0 never, 1 always, 2 if either end is a loopback address. Absent: as 0.
  std::optional<int> tw_reuse;
  // tcp_tw_reuse_delay (6.14 and later), above 0; before that the kernel's own granularity is one
  // second.
  std::chrono::milliseconds tw_reuse_delay{1000};
  bool timestamps = true;  // tcp_timestamps is not 0; absent: on, the kernel's default
  std::optional<std::uint64_t> max_tw_buckets;  // tcp_max_tw_buckets
  // By how much at most a TIME_WAIT socket outlives its 60 s: the timer wheel fires that late.
  std::chrono::milliseconds time_wait_slack{0};
};

}  // namespace timewait::reading
