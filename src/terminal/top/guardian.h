// Restores the terminal however its user ends. Not thread-safe.
#pragma once

#include <optional>

namespace timewait::terminal::top {

// Makes another process, which goes on and may do with the terminal of stdin and stdout what it
// likes: for it, nothing is returned. This one stays behind, and returns the exit code of the other
// when that has ended. If a signal ended it, a crash or kill -9, the terminal becomes as it was
// before the call, and this process ends by the same signal. It also hands on signals that are sent
// to it, and stops with the other (Ctrl-Z). When this one is killed, the other gets SIGTERM.
//
// Call before there is another thread.
std::optional<int> guard_terminal();

}  // namespace timewait::terminal::top
