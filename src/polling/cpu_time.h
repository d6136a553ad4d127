// What the calling thread has used of the CPU.
#pragma once

#include <chrono>
#include <ctime>

namespace timewait::polling {

// In user and kernel mode, since the thread began.
inline std::chrono::nanoseconds thread_cpu_time() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace timewait::polling
