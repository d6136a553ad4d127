// What the threads of a server are at right now, so that others can tell whether one is stuck.
// Thread-safe.
#pragma once

#include <chrono>
#include <list>
#include <mutex>

namespace timewait::web {

class OngoingWork {
 public:
  using Clock = std::chrono::steady_clock;

  // A piece of work, which lasts as long as the object.
  class Piece {
   public:
    explicit Piece(OngoingWork& all) : all_(all) {
      const std::lock_guard lock(all_.mutex_);
      begun_ = all_.begun_.insert(all_.begun_.end(), Clock::now());
    }
    ~Piece() {
      const std::lock_guard lock(all_.mutex_);
      all_.begun_.erase(begun_);
    }
    Piece(const Piece&) = delete;
    Piece& operator=(const Piece&) = delete;

   private:
    OngoingWork& all_;
    std::list<Clock::time_point>::iterator begun_;
  };

  // How long the oldest piece lasts already; 0 without any.
  Clock::duration longest(Clock::time_point now) const {
    const std::lock_guard lock(mutex_);
    return begun_.empty() ? Clock::duration(0) : now - begun_.front();
  }

 private:
  mutable std::mutex mutex_;
  std::list<Clock::time_point> begun_;  // oldest first
};

}  // namespace timewait::web
