// One text about what is published, rendered for all who ask for it at about the same time.
// Thread-safe.
//
// What the polls found stays as it is until the next one, but a forecast counts down and the
// process's own figures move. So a text serves for a tenth of a second: too short for anybody to
// see it stand still, and long enough that a thousand scrapes a second cost no more than ten.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "polling/published.h"
#include "web/content.h"

namespace timewait::daemon {

class Rendering {
 public:
  using Clock = std::chrono::steady_clock;

  // `published` outlives it. `render` makes the text of `state` for the moment `now`.
  using Render = std::function<std::string(analysis::ExporterState state, Clock::time_point now)>;
  Rendering(const polling::Published& published, Render render)
      : published_(published), render_(std::move(render)) {}

  web::ContentPtr get(Clock::time_point now) {
    constexpr std::chrono::milliseconds kShelfLife{100};
    const std::lock_guard lock(mutex_);  // who comes while it is made waits for it
    const std::uint64_t version = published_.version();
    if (!content_ || version != version_ || now - made_at_ >= kShelfLife) {
      content_ = std::make_shared<web::Content>(render_(published_.get(), now));
      version_ = version;
      made_at_ = now;
    }
    return content_;
  }

 private:
  const polling::Published& published_;
  Render render_;
  std::mutex mutex_;
  web::ContentPtr content_;  // of version_, at made_at_
  std::uint64_t version_ = 0;
  Clock::time_point made_at_;
};

}  // namespace timewait::daemon
