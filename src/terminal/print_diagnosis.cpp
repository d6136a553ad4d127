#include "program/exit_code.h"
#include "terminal/commands.h"

namespace timewait::terminal {

int print_diagnosis(const Flags&) { return program::kExitFailure; }

}  // namespace timewait::terminal
