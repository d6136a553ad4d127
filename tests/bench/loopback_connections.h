// Connections over the loopback interface. Whatever fails ends the program with a message.
#pragma once

#include <cstdint>

#include "base/unique_fd.h"

namespace timewait::bench {

// Accepts connections to any address of 127.0.0.0/8, at one port.
base::UniqueFd listen_everywhere();

// Accepts connections to 127.0.0.0 + `host` alone, at that port.
base::UniqueFd listen_at(std::uint32_t host);

// A connection to 127.0.0.0 + `host`, at that port; the kernel picks the local one.
base::UniqueFd connect_to(std::uint32_t host);

// One connection to 127.0.0.0 + `host` that the client closes first. `listener` is where it
// arrives, and no other thread accepts there.
void leave_time_wait(const base::UniqueFd& listener, std::uint32_t host);

}  // namespace timewait::bench
