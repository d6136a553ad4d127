// Asks the kernel whether a port is held by bind(), which no dump tells.
//
// A socket that called bind(addr, 0) before connect(), and what is left of a closed listener, keep
// a port from every connect(), whatever its destination (`__inet_hash_connect` skips a bucket whose
// fastreuse is not negative). The probe is a connect() that may choose this one port only.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace timewait::kernel {

struct ProbeFailure {
  bool unsupported;  // no IP_LOCAL_PORT_RANGE: a kernel before 6.3
  base::Error error;
};

// True if `port` is held. The socket connects to itself on an address of 127/8 that nothing else
// uses: no listener is needed, one port is taken, for some microseconds, and nothing leaves the
// loopback interface. It is reset, so that no TIME_WAIT stays. Takes no port that a connect() of
// others could miss: those may share it. Needs no capability; works in the calling thread's network
// namespace. Thread-safe.
base::Result<bool, ProbeFailure> is_held_by_bind(std::uint16_t port);

}  // namespace timewait::kernel
