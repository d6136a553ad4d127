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

// Moves the program into a network namespace of its own and leaves so many TIME_WAIT sockets there,
// which stay for 60 s, in turn toward so many destinations from 127.0.0.1 on. Nothing listens.
void enter_namespace_of_time_waits(std::uint32_t sockets, std::uint32_t destinations);

}  // namespace timewait::bench
