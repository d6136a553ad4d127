// What the command lines of our programs have in common. Not thread-safe.
#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

namespace timewait::program {

// There is nothing to run: --help or --version was asked for (exit code 0, the text belongs on
// stdout), or the command line is wrong (exit code 2, stderr).
struct EarlyExit {
  int exit_code;
  std::string text;  // ends with a newline
};

EarlyExit usage_error(const CLI::App& app, const std::string& what);

// Parses into what the app's options are bound to, and answers --version as well as --help.
std::optional<EarlyExit> parse_command_line(CLI::App& app, int argc, const char* const* argv);

// Writes the text to where it belongs. Returns the exit code: a failure if it cannot be written.
int finish(const EarlyExit& early);

}  // namespace timewait::program
