// The configuration as plain values. A default-constructed Config is what holds without a file.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "inet/matcher.h"

namespace timewait::config {

struct Config {
  std::chrono::milliseconds poll_interval{5000};     // poll.interval: 100 ms to 60 s
  double max_cpu = 0.05;                             // poll.max_cpu: share of one core
  std::vector<inet::NamedRule> peers;                // peers: first match wins
  std::vector<inet::NamedRule> listeners;            // listeners: likewise
  bool audit = false;                                // headroom.audit
  std::chrono::milliseconds audit_interval{60'000};  // headroom.audit_interval: 1 s to 1 h
  std::uint32_t max_peers = 20;                      // discovery.max_peers: 0 to 1000
};

}  // namespace timewait::config
