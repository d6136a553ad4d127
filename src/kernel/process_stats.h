// Reads what this process uses.
#pragma once

#include <string>

#include "reading/process_stats.h"

namespace timewait::kernel {

// `proc_root` is "/proc" but in tests. What cannot be read stays 0. Thread-safe.
reading::ProcessStats read_process_stats(const std::string& proc_root);

}  // namespace timewait::kernel
