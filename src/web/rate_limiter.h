// A token bucket. Not thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "web/access.h"

namespace timewait::web {

class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  // Whether one more request is allowed now. A limit other than that of the call before starts with
  // a full bucket.
  bool allow(const std::optional<RateLimit>& limit, Clock::time_point now) {
    if (!limit) return true;
    if (limit != limit_) {
      limit_ = limit;
      tokens_ = limit->burst;
    } else {
      tokens_ = std::min<double>(limit->burst,
                                 tokens_ + double((now - filled_at_).count()) /
                                               double(Clock::duration(limit->interval).count()));
    }
    filled_at_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  std::optional<RateLimit> limit_;
  double tokens_ = 0;
  Clock::time_point filled_at_;
};

}  // namespace timewait::web
