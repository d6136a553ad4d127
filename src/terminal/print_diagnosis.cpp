#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include <unistd.h>

#include "diagnosis/diagnosis.h"
#include "program/exit_code.h"
#include "report/diagnosis_json.h"
#include "report/diagnosis_text.h"
#include "terminal/commands.h"
#include "terminal/output.h"
#include "terminal/session.h"

namespace timewait::terminal {
namespace {

using Clock = std::chrono::steady_clock;

// What lasts, what arrives and what overflows only shows from one poll to the next.
constexpr std::chrono::seconds kObserved{3};
constexpr std::chrono::seconds kBetweenPolls{1};

// Why the sockets cannot be read, if they cannot.
std::optional<reading::ReadFailure> observe(polling::PollLoop& loop) {
  const Clock::time_point start = Clock::now();
  for (Clock::time_point next = start; next < start + kObserved; next += kBetweenPolls) {
    std::this_thread::sleep_until(next);
    if (auto failure = loop.poll_once()) return failure;
  }
  std::this_thread::sleep_until(start + kObserved);
  return loop.poll_to_the_end();
}

// Who waits at a terminal is told so.
void announce() {
  if (::isatty(STDERR_FILENO) != 1) return;
  std::cerr << "timewait: watching the sockets for " << kObserved.count() << " seconds\n";
}

int exit_code_for(const diagnosis::Diagnosis& diagnosis) {
  switch (diagnosis.worst().value_or(analysis::Severity::kInfo)) {
    case analysis::Severity::kCritical:
      return program::kExitCritical;
    case analysis::Severity::kWarning:
      return program::kExitWarning;
    case analysis::Severity::kInfo:
      break;
  }
  return program::kExitDone;
}

}  // namespace

int print_diagnosis(const Flags& flags) {
  auto session = Session::open(flags, kBetweenPolls);
  if (!session) return program::finish(session.error());
  const Output output;
  announce();
  if (const auto failure = observe((*session)->loop())) {
    return program::finish(poll_failed(*failure));
  }
  const diagnosis::Diagnosis diagnosis = diagnosis::diagnose((*session)->state(), Clock::now());
  const int exit_code = exit_code_for(diagnosis);
  const Printed printed = flags.json
                              ? output.print(report::diagnosis_json(
                                    diagnosis, exit_code, std::chrono::system_clock::now()))
                              : output.print(report::diagnosis_text(diagnosis, output.layout()));
  return printed == Printed::kFailed ? program::kExitFailure : exit_code;
}

}  // namespace timewait::terminal
