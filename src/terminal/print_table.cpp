#include "program/exit_code.h"
#include "terminal/commands.h"

namespace timewait::terminal {

int print_table(const Flags&) { return program::kExitFailure; }

}  // namespace timewait::terminal
