#include "program/command_line.h"
#include "program/standard_streams.h"
#include "terminal/flags.h"
#include "terminal/run.h"

int main(int argc, char** argv) {
  namespace terminal = timewait::terminal;
  namespace program = timewait::program;
  program::reserve_standard_streams();
  const auto flags = terminal::parse_flags(argc, argv);
  return flags ? terminal::run(*flags) : program::finish(flags.error());
}
