#include "kernel/timer_wheel.h"

#include <ctime>

namespace timewait::kernel {

std::chrono::nanoseconds timer_slack(std::chrono::nanoseconds length,
                                     std::chrono::nanoseconds tick) {
  constexpr int kSlots = 63;     // LVL_SIZE - 1
  constexpr int kCoarser = 8;    // from one level to the next: 1 << LVL_CLK_SHIFT
  constexpr int kLastLevel = 8;  // LVL_DEPTH - 1, where HZ > 100
  auto slot = tick;
  for (int level = 0; level < kLastLevel && length >= kSlots * slot; ++level) {
    slot *= kCoarser;
  }
  return slot;
}

std::chrono::nanoseconds tick_length() {
  timespec resolution{};
  ::clock_getres(CLOCK_MONOTONIC_COARSE, &resolution);
  return std::chrono::seconds(resolution.tv_sec) + std::chrono::nanoseconds(resolution.tv_nsec);
}

}  // namespace timewait::kernel
