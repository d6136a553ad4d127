// What this process uses: the readings behind the process_* metrics.
#pragma once

#include <cstdint>
#include <optional>

namespace timewait::reading {

struct ProcessStats {
  double cpu_seconds = 0;  // user and system
  std::uint64_t resident_memory_bytes = 0;
  std::uint64_t virtual_memory_bytes = 0;
  std::uint64_t open_fds = 0;
  std::optional<std::uint64_t> max_fds;  // soft limit; absent when unlimited
  double start_time_seconds = 0;         // Unix time
};

}  // namespace timewait::reading
