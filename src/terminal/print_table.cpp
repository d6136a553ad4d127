#include <chrono>
#include <ctime>
#include <string>

#include "program/exit_code.h"
#include "report/overview.h"
#include "terminal/commands.h"
#include "terminal/output.h"
#include "terminal/session.h"

namespace timewait::terminal {
namespace {

using Clock = std::chrono::steady_clock;

std::string local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%F %T %Z", &local)};
}

Printed print_once(const Session& session, const Output& output, const Flags& flags) {
  if (flags.json) return output.print(session.json());
  report::Text text = report::overview(session.state(), Clock::now(), output.layout());
  if (flags.watch) text.insert(text.begin(), report::Line{{local_time(), report::Style::kFaint}});
  return output.print(text);
}

// The first time that is to come, at the pace; what has passed meanwhile is left out.
Clock::time_point next_after(Clock::time_point last, std::chrono::milliseconds pace) {
  return last + pace * (1 + (Clock::now() - last) / pace);
}

Printed print_again_and_again(Session& session, const Output& output, const Flags& flags) {
  Clock::time_point time = Clock::now();
  Printed printed = print_once(session, output, flags);
  while (printed == Printed::kAll) {
    time = next_after(time, *flags.watch);
    if (!output.wait_until(time)) return Printed::kReaderIsGone;
    // That a poll fails from now on is in what is printed.
    session.loop().poll_to_the_end();
    if (!flags.json) printed = output.print("\n");
    if (printed == Printed::kAll) printed = print_once(session, output, flags);
  }
  return printed;
}

}  // namespace

int print_table(const Flags& flags) {
  const Output output;  // before there are threads: it takes the locale
  auto session = Session::open(flags, flags.watch);
  if (!session) return program::finish(session.error());
  if (const auto failure = (*session)->loop().poll_to_the_end()) {
    return program::finish(poll_failed(*failure));
  }
  const Printed printed = flags.watch ? print_again_and_again(**session, output, flags)
                                      : print_once(**session, output, flags);
  return printed == Printed::kFailed ? program::kExitFailure : program::kExitDone;
}

}  // namespace timewait::terminal
