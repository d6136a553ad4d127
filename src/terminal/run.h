// The program `timewait`, but for its command line.
#pragma once

#include "terminal/flags.h"

namespace timewait::terminal {

// The exit code: see program/exit_code.h.
int run(const Flags& flags);

}  // namespace timewait::terminal
