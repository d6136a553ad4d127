// The command line of `timewait`.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "program/command_line.h"

namespace timewait::terminal {

enum class Command {
  kTable,     // timewait
  kTop,       // timewait top
  kDiagnose,  // timewait diagnose
};

struct Flags {
  Command command = Command::kTable;
  std::optional<std::string> config_file;          // --config.file
  std::optional<std::string> netns;                // --netns: instead of the own network namespace
  bool json = false;                               // --json
  std::optional<std::chrono::milliseconds> watch;  // --watch, of the table: 100 ms to 1 h
  bool audit = false;                              // --audit, of the diagnosis
};

base::Result<Flags, program::EarlyExit> parse_flags(int argc, const char* const* argv);

}  // namespace timewait::terminal
