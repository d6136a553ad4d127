// The audit: finds the ports that bind() holds and no dump shows, a slice after each poll.
//
// Only ports that some outbound socket uses are asked for: a held port has such a socket. Each is
// asked for when it first shows up, and again once an interval. Between polls it keeps no socket,
// so it is never in the exporter's own figures. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "inet/port_set.h"
#include "kernel/bind_probe.h"

namespace timewait::polling {

class BindAudit {
 public:
  using Clock = std::chrono::steady_clock;

  explicit BindAudit(std::chrono::milliseconds interval) : interval_(interval) {}

  // Asks for those of the candidates whose turn it is, until `cpu_budget` of this thread is used
  // up; the rest has its turn in the next slice. At a failure the slice ends and what is known
  // stays.
  base::Status<kernel::ProbeFailure> run_slice(const inet::PortSet& candidates,
                                               std::chrono::nanoseconds cpu_budget,
                                               Clock::time_point now);

  // The candidates of the last slice that are known to be held.
  const inet::PortSet& held() const { return held_; }

  // How many ports were asked for since the beginning.
  std::uint64_t probes() const { return probes_; }

 private:
  base::Status<kernel::ProbeFailure> ask(std::uint16_t port);

  std::chrono::milliseconds interval_;
  std::optional<Clock::time_point> round_started_at_;
  inet::PortSet asked_;  // in this round
  inet::PortSet held_;
  std::uint16_t next_port_ = 0;  // where the next slice goes on, so that no port waits for ever
  std::uint64_t probes_ = 0;
};

}  // namespace timewait::polling
