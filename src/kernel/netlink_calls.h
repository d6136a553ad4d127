// The system calls on an open netlink socket: the seam between the kernel that answers and those
// who make sense of its answers. Not thread-safe.
#pragma once

#include <cstddef>
#include <span>

#include <sys/socket.h>
#include <sys/types.h>

namespace timewait::kernel {

class NetlinkCalls {
 public:
  virtual ~NetlinkCalls() = default;

  // As sendto(2) to the kernel, errno included.
  virtual ssize_t send(std::span<const std::byte> request) = 0;

  // As recvmsg(2) without flags, errno included; gives up with EAGAIN after
  // NetlinkSocket::kReceiveTimeoutSeconds.
  virtual ssize_t receive(msghdr& message) = 0;
};

}  // namespace timewait::kernel
