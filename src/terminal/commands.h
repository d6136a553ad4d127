// What each command does: from its flags to its exit code.
#pragma once

#include "terminal/flags.h"

namespace timewait::terminal {

int print_table(const Flags& flags);      // print_table.cpp
int run_top(const Flags& flags);          // run_top.cpp
int print_diagnosis(const Flags& flags);  // print_diagnosis.cpp

}  // namespace timewait::terminal
