// A dump as the analysis sees it: a datagram's sockets at a time, in the cache, where the decoder
// has just put them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "made_dump.h"
#include "reading/socket_record.h"

namespace timewait::bench {

// So many sockets in TIME_WAIT fit into a datagram of the kernel's.
inline constexpr std::size_t kSocketsOfDatagram = 368;

// Calls `use` with the sockets of each datagram, which it may change, and the place that the first
// of them has in the dump.
template <typename Use>
void replay(const Dump& dump, Use&& use) {
  std::vector<reading::SocketRecord> sockets(kSocketsOfDatagram);
  for (std::size_t first = 0; first < dump.size(); first += kSocketsOfDatagram) {
    const std::size_t count = std::min(kSocketsOfDatagram, dump.size() - first);
    std::copy_n(dump.begin() + static_cast<std::ptrdiff_t>(first), count, sockets.begin());
    use(std::span(sockets).first(count), first);
  }
}

}  // namespace timewait::bench
