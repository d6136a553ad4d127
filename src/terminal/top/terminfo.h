// What terminfo tells of the terminal of stdout, by TERM. Not thread-safe.
#pragma once

#include "base/result.h"

namespace timewait::terminal::top {

// Whether text can be put anywhere on it; what to do where it cannot.
base::Status<> check_terminal();

// Writes what makes the terminal leave a full-screen program: plain letters on its usual screen,
// with a cursor.
void leave_screen();

}  // namespace timewait::terminal::top
