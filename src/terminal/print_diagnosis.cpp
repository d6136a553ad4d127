#include <chrono>
#include <iostream>
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

// What lasts, what arrives and what overflows only shows from one poll to the next; connections
// that become more and are kept, from five seconds on.
constexpr std::chrono::seconds kObserved{6};
constexpr std::chrono::seconds kBetweenPolls{1};

// Why the sockets could never be read, if so. A poll that fails between others is in their state.
std::optional<reading::ReadFailure> observe(polling::PollLoop& loop) {
  const Clock::time_point start = Clock::now();
  bool succeeded = false;
  for (auto passed = 0 * kBetweenPolls; passed < kObserved; passed += kBetweenPolls) {
    std::this_thread::sleep_until(start + passed);
    if (!loop.poll_once()) succeeded = true;
  }
  std::this_thread::sleep_until(start + kObserved);
  std::optional<reading::ReadFailure> failure = loop.poll_to_the_end();
  return succeeded ? std::nullopt : failure;
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
  const Output output;  // before there are threads: it takes the locale
  auto session = Session::open(flags, kBetweenPolls);
  if (!session) return program::finish(session.error());
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
