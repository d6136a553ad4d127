#include <chrono>
#include <csignal>
#include <initializer_list>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

#include "program/exit_code.h"
#include "terminal/capabilities.h"
#include "terminal/commands.h"
#include "terminal/session.h"
#include "terminal/top/guardian.h"
#include "terminal/top/live_view.h"
#include "terminal/top/screen.h"
#include "terminal/top/signals.h"
#include "terminal/top/wakeup.h"

namespace timewait::terminal {
namespace {

constexpr std::chrono::seconds kInterval{1};
constexpr std::initializer_list<int> kSignals = {SIGINT,  SIGTERM, SIGHUP,
                                                 SIGTSTP, SIGCONT, SIGWINCH};

int fail(const std::string& why) {
  std::cerr << "timewait: " << why << "\n";
  return program::kExitFailure;
}

// Lines of JSON for ever, as the table's.
int print_json(Flags flags) {
  flags.watch = kInterval;
  return print_table(flags);
}

// Starts to poll, this network namespace alone. The first poll is made at once, and not waited for.
void poll_on_and_on(Session& session, const top::Wakeup& wakeup) {
  session.loop().set_heartbeat({.beat = [&wakeup] { wakeup.wake(); }});
  session.loop().start();
  polling::PollPlan plan = session.plan();
  plan.namespaces = {};
  session.loop().request(std::move(plan));
}

// In a process that nobody misses: see guard_terminal().
int show(const Flags& flags) {
  const bool utf8 = take_locale_with_utf8();
  top::block_signals(kSignals);
  const top::Wakeup wakeup;
  auto session = Session::open(flags, kInterval);
  if (!session) return program::finish(session.error());
  auto signals = top::SignalQueue::open(kSignals);
  if (!signals) return fail(signals.error().message);
  auto screen = top::Screen::open(takes_colour(STDOUT_FILENO));
  if (!screen) return fail(screen.error().message);
  poll_on_and_on(**session, wakeup);
  const std::string own_name =
      flags.netns ? "network namespace " + *flags.netns : "own network namespace";
  const int ended_by = top::LiveView(**session, **screen, *signals, wakeup, own_name, utf8).run();
  (*screen).reset();  // the terminal first: a poll may take its time to end
  if (ended_by != 0) top::end_by(ended_by);
  return program::kExitDone;
}

}  // namespace

int run_top(const Flags& flags) {
  if (flags.json) return print_json(flags);
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1) {
    return fail("top needs a terminal, as stdin and stdout; elsewhere: timewait --watch 1");
  }
  const std::optional<int> exit_code = top::guard_terminal();
  return exit_code ? *exit_code : show(flags);
}

}  // namespace timewait::terminal
