#include "daemon/poll_loop.h"

#include <cstddef>
#include <string>
#include <utility>

namespace timewait::daemon {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kAuditShare = 100;  // of one core: 1 %; config/full.yml promises it

}  // namespace

PollLoop::PollLoop(Poller poller, std::chrono::milliseconds interval, const Log& log,
                   Published& published)
    : poller_(std::move(poller)), interval_(interval), log_(log), published_(published) {}

PollLoop::~PollLoop() { stop(); }

std::optional<reading::ReadFailure> PollLoop::poll_once() {
  const Clock::time_point started_at = Clock::now();
  Poller::PollResult result = poller_.poll();
  std::optional<reading::ReadFailure> failure;

  analysis::PollHealth& health = state_.health;
  ++health.polls;
  health.last_poll_succeeded = result.ok();
  health.duration.observe(Clock::now() - started_at);
  if (result) {
    state_.snapshot = std::move(*result);
  } else {
    failure = result.error();
    ++health.errors[static_cast<std::size_t>(failure->reason)];
  }
  published_.set(state_);
  return failure;
}

void PollLoop::log_change(const std::optional<reading::ReadFailure>& failure) {
  if (failure && logged_reason_ != failure->reason) {
    log_.warn("poll failed; the figures stay those of the last good one",
              {{"reason", std::string(name_of(failure->reason))}, {"error", failure->message}});
    logged_reason_ = failure->reason;
  } else if (!failure && logged_reason_) {
    log_.info("polls succeed again");
    logged_reason_.reset();
  }
}

void PollLoop::audit(std::chrono::nanoseconds cpu_budget) {
  if (!poller_.audits() || audit_unsupported_) return;
  const base::Status<kernel::ProbeFailure> audited = poller_.audit(cpu_budget);
  if (!audited) log_audit_failure(audited.error());
  state_.health.audit = analysis::AuditHealth{audited.ok(), poller_.audit_probes()};
  published_.set(state_);
}

void PollLoop::log_audit_failure(const kernel::ProbeFailure& failure) {
  audit_unsupported_ = failure.unsupported;
  const bool is_first = !state_.health.audit || state_.health.audit->last_succeeded;
  if (failure.unsupported) {
    log_.warn("headroom.audit is off: it needs Linux 6.3 or later",
              {{"error", failure.error.message}});
  } else if (is_first) {
    log_.warn("ports cannot be audited", {{"error", failure.error.message}});
  }
}

void PollLoop::start() {
  thread_ = std::thread([this] { run(); });
}

void PollLoop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_requested_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void PollLoop::run() {
  Clock::time_point next = Clock::now() + interval_;
  std::unique_lock lock(mutex_);
  while (!stop_requested_.wait_until(lock, next, [this] { return stopping_; })) {
    lock.unlock();
    log_change(poll_once());
    audit(interval_ / kAuditShare);
    const Clock::time_point now = Clock::now();
    next += interval_ * ((now - next) / interval_ + 1);
    lock.lock();
  }
}

}  // namespace timewait::daemon
