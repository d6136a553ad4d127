// Signals of this process. Thread-safe, where nothing else is said.
#pragma once

#include <csignal>
#include <initializer_list>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace timewait::terminal::top {

sigset_t set_of(std::initializer_list<int> signals);

// Of the calling thread, and of those that it starts from now on; returns those that were blocked
// before.
sigset_t block_signals(std::initializer_list<int> signals);
void set_blocked_signals(const sigset_t& signals);

// The next of the signals, all of which are blocked, that came to this process; 0: none did.
class SignalQueue {
 public:
  static base::Result<SignalQueue> open(std::initializer_list<int> signals);

  int fd() const { return fd_.get(); }  // poll(2) says that there is one
  int next();

 private:
  explicit SignalQueue(base::UniqueFd fd) : fd_(std::move(fd)) {}

  base::UniqueFd fd_;
};

// Stops this process as Ctrl-Z would; returns when it goes on. At once where no shell could let it
// go on.
void stop_self();

// Ends this process by the signal, without a core file; by the exit code that shells give for it
// where the kernel does not let it: as the first process of a container.
[[noreturn]] void end_by(int signal);

}  // namespace timewait::terminal::top
