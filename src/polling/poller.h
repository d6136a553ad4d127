// One poll of one network namespace: reads a source and makes a Snapshot of it. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "analysis/aggregator.h"
#include "analysis/snapshot.h"
#include "base/result.h"
#include "inet/port_set.h"
#include "polling/bind_audit.h"
#include "reading/read_failure.h"
#include "reading/source.h"

namespace timewait::polling {

class Poller {
 public:
  using PollResult = base::Result<std::shared_ptr<const analysis::Snapshot>, reading::ReadFailure>;

  // With an interval, ports are audited: see BindAudit.
  Poller(std::unique_ptr<reading::Source> source, analysis::Rules rules,
         std::optional<std::chrono::milliseconds> audit_interval);

  // From the next poll on. What is remembered of names that stay is kept.
  void reconfigure(analysis::Rules rules, std::optional<std::chrono::milliseconds> audit_interval);

  PollResult poll();

  // See Aggregator.
  std::vector<inet::Address> still_used(std::span<const inet::Address> addresses) const {
    return aggregator_.still_used(addresses);
  }

  bool audits() const { return audit_.has_value(); }
  // Goes on with the audit of the ports that the last good poll saw; poll() takes what it found
  // into account. Call only if audits().
  base::Status<kernel::ProbeFailure> audit(std::chrono::nanoseconds cpu_budget);
  std::uint64_t audit_probes() const { return audit_->probes(); }

 private:
  std::unique_ptr<reading::Source> source_;
  analysis::Aggregator aggregator_;
  std::optional<BindAudit> audit_;
  std::optional<std::chrono::milliseconds> audit_interval_;
  inet::PortSet audit_candidates_;  // of the last good poll
};

}  // namespace timewait::polling
