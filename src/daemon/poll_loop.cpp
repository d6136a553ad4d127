#include "daemon/poll_loop.h"

#include <cstddef>
#include <string>
#include <utility>

namespace timewait::daemon {
namespace {

using Clock = std::chrono::steady_clock;

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

// A failure that lasts is one line, and its end another.
void PollLoop::log_change(const std::optional<reading::ReadFailure>& failure) {
  if (failure && logged_reason_ != failure->reason) {
    log_.warn("poll failed; the last good figures stay",
              {{"reason", std::string(name_of(failure->reason))}, {"error", failure->message}});
    logged_reason_ = failure->reason;
  } else if (!failure && logged_reason_) {
    log_.info("polls succeed again");
    logged_reason_.reset();
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
    const Clock::time_point now = Clock::now();
    next += interval_ * ((now - next) / interval_ + 1);
    lock.lock();
  }
}

}  // namespace timewait::daemon
