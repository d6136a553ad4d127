// How late the kernel's timers fire.
#pragma once

#include <chrono>

namespace timewait::kernel {

// The slack of a timer of that length on a kernel whose tick is `tick` long: a timer sits in a
// wheel whose slots grow coarser with its length, and fires with its slot, up to that much later
// (`calc_wheel_index`, kernel/time/timer.c). 2.048 s for 60 s at HZ=250.
std::chrono::nanoseconds timer_slack(std::chrono::nanoseconds length,
                                     std::chrono::nanoseconds tick);

// The length of the running kernel's tick, 1/HZ: the resolution of the clocks that it brings
// forward once a tick. Needs no privilege.
std::chrono::nanoseconds tick_length();

}  // namespace timewait::kernel
