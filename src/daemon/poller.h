// One poll: reads the kernel and makes a Snapshot of it.
//
// Reads the network namespace of the thread that calls open(). Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "analysis/aggregator.h"
#include "analysis/snapshot.h"
#include "base/result.h"
#include "daemon/bind_audit.h"
#include "inet/port_set.h"
#include "kernel/socket_dump.h"
#include "reading/read_failure.h"

namespace timewait::daemon {

class Poller {
 public:
  using PollResult = base::Result<std::shared_ptr<const analysis::Snapshot>, reading::ReadFailure>;

  // With an interval, ports are audited: see BindAudit.
  Poller(analysis::Rules rules, std::optional<std::chrono::milliseconds> audit_interval);

  PollResult poll();

  bool audits() const { return audit_.has_value(); }
  // Goes on with the audit of the ports that the last good poll saw; poll() takes what it found
  // into account. Call only if audits().
  base::Status<kernel::ProbeFailure> audit(std::chrono::nanoseconds cpu_budget);
  std::uint64_t audit_probes() const { return audit_->probes(); }

 private:
  base::Status<reading::ReadFailure> read_sockets();

  // Absent before the first poll and after a failed one: the rest of a dump that was given up would
  // stay in the old socket, which answers EBUSY until then (`__netlink_dump_start`).
  std::optional<kernel::SocketDump> dump_;
  analysis::Aggregator aggregator_;
  std::optional<BindAudit> audit_;
  inet::PortSet audit_candidates_;  // of the last good poll
};

}  // namespace timewait::daemon
