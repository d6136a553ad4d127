// Dumps as the bytes that come from the kernel, a datagram at a time.
#pragma once

#include <cstddef>
#include <vector>

#include "kernel/inet_diag_decoder.h"
#include "made_dump.h"

namespace timewait::bench {

inline constexpr std::size_t kMaxDatagramBytes = 32 * 1024;

struct RawDump {
  kernel::DumpIdentity identity;
  std::vector<std::vector<std::byte>> datagrams;
};

// As Linux 6.18 would tell a privileged process of these sockets.
RawDump made_raw(const Dump& dump);

// Of real TIME_WAIT sockets; see recorded_outbound().
RawDump recorded_raw(std::uint32_t sockets, std::uint32_t pools);

}  // namespace timewait::bench
