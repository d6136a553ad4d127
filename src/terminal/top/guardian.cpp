#include "terminal/top/guardian.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <initializer_list>
#include <iostream>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "program/exit_code.h"
#include "terminal/top/signals.h"
#include "terminal/top/terminfo.h"

namespace timewait::terminal::top {
namespace {

constexpr std::initializer_list<int> kWatchedSignals = {SIGCHLD, SIGHUP,  SIGINT,
                                                        SIGQUIT, SIGTERM, SIGTSTP};
constexpr timespec kPatience{.tv_sec = 5, .tv_nsec = 0};  // with one that was told to end

// Whether the terminal is not as it was, and in this job's hands.
bool is_taken(const termios& before) {
  termios now{};
  return ::tcgetattr(STDIN_FILENO, &now) == 0 && now.c_lflag != before.c_lflag &&
         ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

// One process to look after, from the other.
class Guardian {
 public:
  Guardian(pid_t ward, const termios& settings) : ward_(ward), settings_(settings) {}

  int watch() {
    for (;;) {
      siginfo_t signal{};
      if (wait_for(signal) == SIGCHLD) {
        if (const std::optional<int> status = end_of_ward()) return end_as(*status);
      } else if (signal.si_signo != 0) {
        hand_on(signal);
      } else if (errno == EAGAIN) {
        ::kill(ward_, SIGKILL);
      }
    }
  }

 private:
  int wait_for(siginfo_t& signal) const {
    const sigset_t signals = set_of(kWatchedSignals);
    return is_to_end_ ? ::sigtimedwait(&signals, &signal, &kPatience)
                      : ::sigwaitinfo(&signals, &signal);
  }

  // What the terminal sends, it sends to both.
  void hand_on(const siginfo_t& signal) {
    if (signal.si_code != SI_KERNEL) ::kill(ward_, signal.si_signo);
    if (signal.si_signo != SIGTSTP) is_to_end_ = true;
  }

  // Its status, as of waitpid(2), if that is the news.
  std::optional<int> end_of_ward() const {
    int status = 0;
    while (::waitpid(ward_, &status, WNOHANG | WUNTRACED) == ward_) {
      if (!WIFSTOPPED(status)) return status;
      stop_self();
      if (!ward_goes_on()) ::kill(ward_, SIGCONT);
    }
    return std::nullopt;
  }

  // Whoever lets this process go on may not know of the other. If they do, another SIGCONT would
  // only take back the next Ctrl-Z (`prepare_signal`).
  bool ward_goes_on() const {
    siginfo_t news{};
    return ::waitid(P_PID, static_cast<id_t>(ward_), &news, WCONTINUED | WNOHANG) == 0 &&
           news.si_pid == ward_;
  }

  int end_as(int status) const {
    const bool was_taken = is_taken(settings_);
    if (was_taken) give_back();
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    const int signal = WTERMSIG(status);
    if (was_taken) {
      std::cerr << "timewait: top was ended by signal " << signal << " (" << ::strsignal(signal)
                << ")\n";
    }
    end_by(signal);
  }

  void give_back() const {
    termios flowing = settings_;
    flowing.c_iflag &=
        ~static_cast<tcflag_t>(IXON);  // ends what Ctrl-S began (`n_tty_set_termios`)
    ::tcsetattr(STDIN_FILENO, TCSANOW, &flowing);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &settings_);
    leave_screen();
  }

  const pid_t ward_;
  const termios settings_;
  bool is_to_end_ = false;
};

}  // namespace

std::optional<int> guard_terminal() {
  termios settings{};
  ::tcgetattr(STDIN_FILENO, &settings);
  std::signal(SIGCHLD, SIG_DFL);  // where it is ignored, nobody is told how a process ended
  const sigset_t before = block_signals(kWatchedSignals);
  const pid_t guardian = ::getpid();
  const pid_t ward = ::fork();
  if (ward > 0) return Guardian(ward, settings).watch();
  set_blocked_signals(before);
  if (ward < 0) return std::nullopt;  // then nobody guards it
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != guardian) return program::kExitFailure;
  return std::nullopt;
}

}  // namespace timewait::terminal::top
