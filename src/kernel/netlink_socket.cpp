#include "kernel/netlink_socket.h"

#include <cerrno>

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/unique_fd.h"

namespace timewait::kernel {
namespace {

using reading::FailureReason;
using reading::ReadFailure;

ReadFailure failure(FailureReason reason, const char* what, int errno_value) {
  return {reason, base::system_error(what, errno_value).message};
}

constexpr const char* kCannotOpen =
    "cannot open a netlink sock_diag socket (does a sandbox forbid AF_NETLINK?)";

class KernelCalls : public NetlinkCalls {
 public:
  explicit KernelCalls(base::UniqueFd fd) : fd_(std::move(fd)) {}

  ssize_t send(std::span<const std::byte> request) override {
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    return ::sendto(fd_.get(), request.data(), request.size(), 0,
                    reinterpret_cast<const sockaddr*>(&kernel), sizeof(kernel));
  }

  ssize_t receive(msghdr& message) override { return ::recvmsg(fd_.get(), &message, 0); }

 private:
  base::UniqueFd fd_;
};

}  // namespace

base::Result<NetlinkSocket, ReadFailure> NetlinkSocket::open() {
  base::UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!fd.valid()) return failure(FailureReason::kUnavailable, kCannotOpen, errno);

  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  socklen_t length = sizeof(address);
  const timeval timeout{kReceiveTimeoutSeconds, 0};
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0 ||
      ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) != 0) {
    return failure(FailureReason::kUnavailable, kCannotOpen, errno);
  }
  return NetlinkSocket(std::make_unique<KernelCalls>(std::move(fd)), address.nl_pid);
}

base::Status<ReadFailure> NetlinkSocket::send(std::span<const std::byte> request) {
  ssize_t sent;
  do {
    sent = calls_->send(request);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return failure(FailureReason::kSend, "cannot send a dump request", errno);
  return base::Ok{};
}

base::Result<std::span<const std::byte>, ReadFailure> NetlinkSocket::receive(
    std::span<std::byte> buffer) {
  for (;;) {
    sockaddr_nl sender{};
    iovec part{buffer.data(), buffer.size()};
    msghdr header{};
    header.msg_name = &sender;
    header.msg_namelen = sizeof(sender);
    header.msg_iov = &part;
    header.msg_iovlen = 1;

    const ssize_t received = calls_->receive(header);
    if (received < 0) {
      const int error = errno;
      if (error == EINTR) continue;
      if (error == EAGAIN) {
        return ReadFailure{FailureReason::kTimeout, "the kernel did not answer a dump request"};
      }
      if (error == ENOBUFS) {
        return failure(FailureReason::kOverrun, "the kernel dropped part of a dump", error);
      }
      return failure(FailureReason::kReceive, "cannot receive a dump", error);
    }
    if (header.msg_namelen != sizeof(sender) || sender.nl_pid != 0) continue;
    if ((header.msg_flags & MSG_TRUNC) != 0) {
      return ReadFailure{FailureReason::kTruncated, "a dump datagram exceeds the receive buffer"};
    }
    return std::span<const std::byte>(buffer.first(static_cast<std::size_t>(received)));
  }
}

}  // namespace timewait::kernel
