#include <iostream>

#include "daemon/daemon.h"
#include "daemon/flags.h"
#include "program/exit_code.h"
#include "program/standard_streams.h"

int main(int argc, char** argv) {
  namespace daemon = timewait::daemon;
  namespace program = timewait::program;
  program::reserve_standard_streams();
  const auto flags = daemon::parse_flags(argc, argv);
  if (flags) return daemon::run(*flags);
  const daemon::EarlyExit& early = flags.error();
  std::ostream& stream = early.exit_code == program::kExitDone ? std::cout : std::cerr;
  stream << early.text << std::flush;
  return stream ? early.exit_code : program::kExitFailure;
}
