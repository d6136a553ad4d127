#include "program/exit_code.h"
#include "terminal/commands.h"

namespace timewait::terminal {

int run_top(const Flags&) { return program::kExitFailure; }

}  // namespace timewait::terminal
