// The meeting point of the poll loop and the reload, which write, and the scrapes, which read.
// Thread-safe.
//
// A mutex and not std::atomic<std::shared_ptr>: the latter is a data race in libstdc++ 12.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>

#include "analysis/exporter_state.h"

namespace timewait::polling {

class Published {
 public:
  // All but the health of the configurations.
  void set_polls(analysis::ExporterState state) {
    const std::lock_guard lock(mutex_);
    state.config = state_.config;
    state_ = std::move(state);
    ++version_;
  }

  void set_reload(bool succeeded, std::chrono::system_clock::time_point now) {
    const std::lock_guard lock(mutex_);
    state_.config.last_reload_succeeded = succeeded;
    if (succeeded) state_.config.last_success = now;
    ++version_;
  }

  void set_web_config_is_in_force(bool is_in_force) {
    const std::lock_guard lock(mutex_);
    state_.config.web_config_is_in_force = is_in_force;
    ++version_;
  }

  analysis::ExporterState get() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }

  // Another number after each change.
  std::uint64_t version() const {
    const std::lock_guard lock(mutex_);
    return version_;
  }

 private:
  mutable std::mutex mutex_;
  analysis::ExporterState state_;
  std::uint64_t version_ = 0;
};

}  // namespace timewait::polling
