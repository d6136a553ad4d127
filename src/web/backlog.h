// Clients that the kernel has let in and that are not accepted.
//
// libmicrohttpd stops to accept when the system has no descriptor or no memory for one more
// connection (`MHD_accept_connection`), and goes on when one of its own has ended, however long the
// want is over by then. A scraper that keeps its connection would keep all others out.
//
// Not thread-safe.
#pragma once

#include <chrono>
#include <optional>

#include <poll.h>

namespace timewait::web {

class Backlog {
 public:
  using Clock = std::chrono::steady_clock;

  void watch(int listening_fd) { listening_fd_ = listening_fd; }

  void accepted() { waiting_since_.reset(); }

  // Whether somebody has waited in vain since a look a second ago or more. To be asked now and
  // then.
  bool is_stuck(Clock::time_point now) {
    constexpr std::chrono::seconds kInVain{1};
    pollfd listening{listening_fd_, POLLIN, 0};
    if (::poll(&listening, 1, 0) != 1)
      waiting_since_.reset();
    else if (!waiting_since_)
      waiting_since_ = now;
    return waiting_since_ && now - *waiting_since_ >= kInVain;
  }

 private:
  int listening_fd_ = -1;  // not owned
  std::optional<Clock::time_point> waiting_since_;
};

}  // namespace timewait::web
