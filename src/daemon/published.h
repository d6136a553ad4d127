// The meeting point of the poll loop, which writes, and the scrapes, which read. Thread-safe.
//
// A mutex and not std::atomic<std::shared_ptr>: the latter is a data race in libstdc++ 12.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "analysis/poll_health.h"
#include "analysis/snapshot.h"

namespace timewait::daemon {

struct PollState {
  std::shared_ptr<const analysis::Snapshot> snapshot;  // the last good one; null before the first
  analysis::PollHealth health;
};

class Published {
 public:
  void set(PollState state) {
    const std::lock_guard lock(mutex_);
    state_ = std::move(state);
  }

  PollState get() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }

 private:
  mutable std::mutex mutex_;
  PollState state_;
};

}  // namespace timewait::daemon
