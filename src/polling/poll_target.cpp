#include "polling/poll_target.h"

#include <cstddef>
#include <utility>

namespace timewait::polling {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

PollTarget::PollTarget(std::string name, SourceFactory make_source, PollRules rules,
                       const logging::Log& log)
    : make_source_(std::move(make_source)), rules_(std::move(rules)), log_(log) {
  state_.name = std::move(name);
}

void PollTarget::reconfigure(const PollRules& rules) {
  rules_ = rules;
  if (poller_) poller_->reconfigure(rules.rules, rules.audit_interval);
  if (!rules.audit_interval) state_.health.audit.reset();
}

std::vector<inet::Address> PollTarget::still_used(std::span<const inet::Address> addresses) const {
  if (!poller_) return {};
  // A dump that broke off does not tell which are unused.
  if (state_.failure) return {addresses.begin(), addresses.end()};
  return poller_->still_used(addresses);
}

void PollTarget::poll() {
  if (!poller_) poller_.emplace(make_source_(), rules_.rules, rules_.audit_interval);
  const Clock::time_point started_at = Clock::now();
  Poller::PollResult result = poller_->poll();
  state_.health.duration.observe(Clock::now() - started_at);
  if (!result) {
    fail(result.error());
    return;
  }
  state_.failure.reset();
  ++state_.health.polls;
  state_.health.last_poll_succeeded = true;
  state_.snapshot = std::move(*result);
  state_.history = history_.record(*state_.snapshot);
  if (!source_logged_) log_source();
}

void PollTarget::fail(const reading::ReadFailure& failure) {
  state_.failure = failure;
  ++state_.health.polls;
  state_.health.last_poll_succeeded = false;
  ++state_.health.errors[static_cast<std::size_t>(failure.reason)];
}

void PollTarget::forget() {
  poller_.reset();
  state_.snapshot.reset();
  state_.history.reset();
  history_ = {};
  state_.health.audit.reset();
  source_logged_ = false;
}

void PollTarget::audit(std::chrono::nanoseconds cpu_budget) {
  if (!poller_ || !poller_->audits() || audit_unsupported_) return;
  const base::Status<kernel::ProbeFailure> audited = poller_->audit(cpu_budget);
  if (!audited) log_audit_failure(audited.error());
  state_.health.audit = analysis::AuditHealth{audited.ok(), poller_->audit_probes()};
}

logging::Log::Fields PollTarget::fields(logging::Log::Fields of_the_event) const {
  if (!state_.name.empty()) of_the_event.emplace_back("netns", state_.name);
  return of_the_event;
}

void PollTarget::log_change() {
  if (state_.failure && logged_reason_ != state_.failure->reason) {
    log_.warn(state_.snapshot ? "poll failed; the figures stay those of the last good one"
                              : "poll failed; there are no figures yet",
              fields({{"reason", std::string(name_of(state_.failure->reason))},
                      {"error", state_.failure->message}}));
    logged_reason_ = state_.failure->reason;
  } else if (!state_.failure && logged_reason_) {
    log_.info("polls succeed again", fields({}));
    logged_reason_.reset();
  }
}

void PollTarget::log_source() {
  source_logged_ = true;
  if (state_.snapshot->source != reading::kProcfs) return;
  log_.warn(
      "there is no netlink sock_diag: reading /proc/net/tcp and tcp6, which takes more CPU "
      "and tells less",
      fields({{"source", std::string(reading::kProcfs)}}));
}

void PollTarget::log_audit_failure(const kernel::ProbeFailure& failure) {
  audit_unsupported_ = failure.unsupported;
  const bool is_first = !state_.health.audit || state_.health.audit->last_succeeded;
  if (failure.unsupported) {
    log_.warn("headroom.audit is off: it needs Linux 6.3 or later",
              fields({{"error", failure.error.message}}));
  } else if (is_first) {
    log_.warn("ports cannot be audited", fields({{"error", failure.error.message}}));
  }
}

}  // namespace timewait::polling
