// What a configuration asks to be polled. Thread-safe.
#pragma once

#include "config/config.h"
#include "polling/poll_loop.h"

namespace timewait::polling {

PollPlan plan_of(const config::Config& config);

}  // namespace timewait::polling
