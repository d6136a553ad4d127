// Dumps for the benchmarks of the analysis: made up, or taken from the kernel.
#pragma once

#include <cstdint>
#include <vector>

#include "reading/socket_record.h"

namespace timewait::bench {

// The sockets of a dump, in its order.
using Dump = std::vector<reading::SocketRecord>;

// TIME_WAIT sockets that this host opened, in so many pools.
Dump made_outbound(std::uint32_t sockets, std::uint32_t pools);

// TIME_WAIT sockets of one listener, each with a remote address of its own.
Dump made_inbound(std::uint32_t sockets);

// As the kernel of this machine dumps real TIME_WAIT sockets toward so many loopback addresses,
// in a network namespace of their own.
Dump recorded_outbound(std::uint32_t sockets, std::uint32_t pools);

}  // namespace timewait::bench
