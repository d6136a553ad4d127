#include "daemon/daemon.h"
#include "daemon/flags.h"
#include "program/command_line.h"
#include "program/standard_streams.h"

int main(int argc, char** argv) {
  namespace daemon = timewait::daemon;
  namespace program = timewait::program;
  program::reserve_standard_streams();
  const auto flags = daemon::parse_flags(argc, argv);
  return flags ? daemon::run(*flags) : program::finish(flags.error());
}
