// The polls of one run of this program: as the exporter's, but nobody has to run it, and it keeps
// no log, since what goes wrong is in the state.
//
// The main thread makes it and calls loop(); the other methods are thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "analysis/exporter_state.h"
#include "base/result.h"
#include "logging/log.h"
#include "polling/poll_loop.h"
#include "polling/published.h"
#include "program/command_line.h"
#include "reading/read_failure.h"
#include "terminal/flags.h"

namespace timewait::terminal {

class Session {
 public:
  // Reads the configuration and, with --netns, moves this thread for good into that network
  // namespace, which is then polled alone. `interval`: of the polls, where it is not to be the
  // configured one.
  static base::Result<std::unique_ptr<Session>, program::EarlyExit> open(
      const Flags& flags, std::optional<std::chrono::milliseconds> interval = std::nullopt);

  const polling::PollPlan& plan() const { return plan_; }

  // Makes the polls.
  polling::PollLoop& loop() { return loop_; }

  // As of the last poll.
  analysis::ExporterState state() const;
  // Another number after each poll.
  std::uint64_t version() const { return published_.version(); }
  // The same, as /api/v1/snapshot has it: one line.
  std::string json() const;

 private:
  Session(polling::PollPlan plan, std::string netns);

  const polling::PollPlan plan_;
  const std::string netns_;  // as in the flag; empty without one
  const logging::Log log_;
  polling::Published published_;
  polling::PollLoop loop_;
};

// What a command says that could not poll.
program::EarlyExit poll_failed(const reading::ReadFailure& failure);

}  // namespace timewait::terminal
