#include "terminal/run.h"

#include "program/exit_code.h"
#include "terminal/commands.h"

namespace timewait::terminal {

int run(const Flags& flags) {
  switch (flags.command) {
    case Command::kTable:
      return print_table(flags);
    case Command::kTop:
      return run_top(flags);
    case Command::kDiagnose:
      return print_diagnosis(flags);
  }
  return program::kExitUsage;
}

}  // namespace timewait::terminal
