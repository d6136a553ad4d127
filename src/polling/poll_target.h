// A network namespace that is polled again and again: what is known of it, and how its polls fare.
// Not thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/aggregator.h"
#include "analysis/exporter_state.h"
#include "analysis/history.h"
#include "logging/log.h"
#include "polling/poller.h"
#include "reading/read_failure.h"
#include "reading/source.h"

namespace timewait::polling {

// Makes the source of a namespace; called by the thread that polls, in that namespace.
using SourceFactory = std::function<std::unique_ptr<reading::Source>()>;

// How all namespaces are polled.
struct PollRules {
  analysis::Rules rules;
  std::optional<std::chrono::milliseconds> audit_interval;  // absent: no audit
};

class PollTarget {
 public:
  // `name`: empty for the exporter's own namespace. `log` outlives the target.
  PollTarget(std::string name, SourceFactory make_source, PollRules rules, const logging::Log& log);

  // From the next poll on. What is remembered of names that stay is kept.
  void reconfigure(const PollRules& rules);

  // Those of the addresses, which are sorted, that had outbound sockets at the last poll; all, if
  // it failed.
  std::vector<inet::Address> still_used(std::span<const inet::Address> addresses) const;

  // Polls once, in the namespace that the calling thread is in.
  void poll();

  // Counts as a poll that failed before it began.
  void fail(const reading::ReadFailure& failure);

  // The namespace is another one from now on, or gone: forgets all that was read, but not how
  // polls fared.
  void forget();

  // Audits ports for that much CPU time. Does nothing unless the audit is on and this kernel can
  // answer it.
  void audit(std::chrono::nanoseconds cpu_budget);

  // Logs a failure of polls when it begins and when it ends. Call after each poll.
  void log_change();

  const analysis::NamespaceState& state() const { return state_; }
  // Why the last poll failed, if it did.
  const std::optional<reading::ReadFailure>& failure() const { return state_.failure; }

 private:
  logging::Log::Fields fields(logging::Log::Fields of_the_event) const;
  void log_source();
  void log_audit_failure(const kernel::ProbeFailure& failure);

  const SourceFactory make_source_;
  PollRules rules_;
  const logging::Log& log_;
  std::optional<Poller> poller_;  // absent before the first poll, and after forget()
  analysis::NamespaceState state_;
  analysis::HistoryRecorder history_;
  std::optional<reading::FailureReason> logged_reason_;  // of the failure that lasts
  bool source_logged_ = false;
  bool audit_unsupported_ = false;
};

}  // namespace timewait::polling
