// From the bytes of a sock_diag datagram to socket records (netlink(7), sock_diag(7)).
//
// Pure: no system call, no allocation beyond the growth of the vector that the caller keeps. The
// bytes are untrusted: every length is checked before it is used, and any input yields records or a
// failure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "reading/read_failure.h"
#include "reading/socket_record.h"

namespace timewait::kernel {

// What a message must carry to belong to the dump that is being read. Others, left over from an
// earlier dump that was given up, are skipped.
struct DumpIdentity {
  std::uint32_t sequence;
  std::uint32_t port_id;
  std::uint16_t message_type;  // of the messages that carry sockets
};

enum class DumpProgress { kMore, kDone };

// The errno inside a kKernelError failure decides whether another request may be tried.
struct DumpFailure {
  reading::ReadFailure failure;
  int kernel_errno = 0;  // positive; 0 unless the kernel reported one
};

// Appends the sockets in `datagram` to `sockets`. Sockets of a family or in a state that TCP does
// not have are skipped.
base::Result<DumpProgress, DumpFailure> decode_datagram(
    std::span<const std::byte> datagram, const DumpIdentity& identity,
    std::vector<reading::SocketRecord>& sockets);

}  // namespace timewait::kernel
