#include "terminal/top/signals.h"

#include <cerrno>

#include <pthread.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace timewait::terminal::top {
namespace {

// Has its own effect, once, even if it came meanwhile; returns what was blocked before.
sigset_t raise_by_default(int signal) {
  std::signal(signal, SIG_DFL);
  const sigset_t before = block_signals({signal});
  ::raise(signal);
  const sigset_t set = set_of({signal});
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return before;
}

}  // namespace

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

sigset_t block_signals(std::initializer_list<int> signals) {
  const sigset_t set = set_of(signals);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &set, &before);
  return before;
}

void set_blocked_signals(const sigset_t& signals) {
  pthread_sigmask(SIG_SETMASK, &signals, nullptr);
}

base::Result<SignalQueue> SignalQueue::open(std::initializer_list<int> signals) {
  const sigset_t set = set_of(signals);
  base::UniqueFd fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd.valid()) return base::system_error("signalfd", errno);
  return SignalQueue(std::move(fd));
}

int SignalQueue::next() {
  signalfd_siginfo signal{};
  const bool is_there = ::read(fd_.get(), &signal, sizeof signal) == sizeof signal;
  return is_there ? static_cast<int>(signal.ssi_signo) : 0;
}

void stop_self() { set_blocked_signals(raise_by_default(SIGTSTP)); }

void end_by(int signal) {
  constexpr int kByShells = 128;
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
  raise_by_default(signal);
  ::_exit(kByShells + signal);
}

}  // namespace timewait::terminal::top
