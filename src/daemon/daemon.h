// The program: wires the rooms together and runs until it is told to stop.
#pragma once

#include "daemon/flags.h"

namespace timewait::daemon {

// Does what the flags say; returns the exit code. Call once, from the main thread, before there are
// other threads: it takes over SIGTERM, SIGINT, SIGHUP and SIGPIPE.
int run(const Flags& flags);

}  // namespace timewait::daemon
