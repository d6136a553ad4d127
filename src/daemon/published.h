// The meeting point of the poll loop and the reload, which write, and the scrapes, which read.
// Thread-safe.
//
// A mutex and not std::atomic<std::shared_ptr>: the latter is a data race in libstdc++ 12.
#pragma once

#include <mutex>
#include <utility>

#include "analysis/exporter_state.h"

namespace timewait::daemon {

class Published {
 public:
  // All but the health of the configuration.
  void set_polls(analysis::ExporterState state) {
    const std::lock_guard lock(mutex_);
    state.config = state_.config;
    state_ = std::move(state);
  }

  void set_config(analysis::ConfigHealth config) {
    const std::lock_guard lock(mutex_);
    state_.config = config;
  }

  analysis::ExporterState get() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }

 private:
  mutable std::mutex mutex_;
  analysis::ExporterState state_;
};

}  // namespace timewait::daemon
