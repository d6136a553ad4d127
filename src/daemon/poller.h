// One poll: reads the kernel and makes a Snapshot of it.
//
// Reads the network namespace of the thread that calls open(). Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "analysis/aggregator.h"
#include "analysis/snapshot.h"
#include "base/result.h"
#include "kernel/socket_dump.h"
#include "reading/read_failure.h"

namespace timewait::daemon {

class Poller {
 public:
  using PollResult = base::Result<std::shared_ptr<const analysis::Snapshot>, reading::ReadFailure>;

  explicit Poller(analysis::Rules rules) : aggregator_(std::move(rules)) {}

  PollResult poll();

 private:
  base::Status<reading::ReadFailure> read_sockets();

  // Absent before the first poll and after a failed one: the rest of a dump that was given up would
  // stay in the old socket, which answers EBUSY until then (`__netlink_dump_start`).
  std::optional<kernel::SocketDump> dump_;
  analysis::Aggregator aggregator_;
};

}  // namespace timewait::daemon
