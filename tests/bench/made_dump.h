// Dumps for the benchmarks: made up, or taken from the kernel.
#pragma once

#include <cstdint>
#include <vector>

#include "reading/socket_record.h"

namespace timewait::bench {

// The sockets of a dump, in its order.
using Dump = std::vector<reading::SocketRecord>;

// To what listeners are bound.
enum class Bound { kAnyIpv6, kAnyIpv4, kAddress };

// TIME_WAIT sockets that this host opened, in so many pools.
Dump made_outbound(std::uint32_t sockets, std::uint32_t pools);

// So many listeners, and TIME_WAIT sockets that they accepted, each with a remote address of its
// own.
Dump made_inbound(std::uint32_t sockets, std::uint32_t listeners, Bound bound = Bound::kAnyIpv6);

// The same with IPv6 addresses.
Dump in_ipv6(Dump dump);

// As the kernel of this machine dumps real TIME_WAIT sockets toward so many loopback addresses,
// in a network namespace of their own.
Dump recorded_outbound(std::uint32_t sockets, std::uint32_t pools);

}  // namespace timewait::bench
