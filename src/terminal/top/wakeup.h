// Lets any thread wake up one that waits in poll(2). Thread-safe.
#pragma once

#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace timewait::terminal::top {

class Wakeup {
 public:
  Wakeup() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  int fd() const { return fd_.get(); }  // poll(2) says that there is something to read
  void wake() const { [[maybe_unused]] const int failed = ::eventfd_write(fd_.get(), 1); }
  void clear() const {
    std::uint64_t times = 0;
    [[maybe_unused]] const int failed = ::eventfd_read(fd_.get(), &times);
  }

 private:
  const base::UniqueFd fd_;
};

}  // namespace timewait::terminal::top
