// A netlink socket of the NETLINK_SOCK_DIAG family: requests out, datagrams in.
//
// It belongs to the network namespace of the thread that opened it, for good (`sk->sk_net`), and
// needs no capability. Not thread-safe: one owner at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "base/result.h"
#include "kernel/netlink_calls.h"
#include "reading/read_failure.h"

namespace timewait::kernel {

class NetlinkSocket {
 public:
  // How long receive() waits. A dump is made while it is received, so a healthy kernel never waits.
  static constexpr int kReceiveTimeoutSeconds = 5;

  static base::Result<NetlinkSocket, reading::ReadFailure> open();

  // `calls` is not null; open() takes those of the kernel.
  NetlinkSocket(std::unique_ptr<NetlinkCalls> calls, std::uint32_t port_id)
      : calls_(std::move(calls)), port_id_(port_id) {}

  // The address the kernel puts on answers to this socket.
  std::uint32_t port_id() const { return port_id_; }

  base::Status<reading::ReadFailure> send(std::span<const std::byte> request);

  // The next datagram that the kernel sent, as a part of `buffer`. Datagrams of other senders (any
  // process may send to a netlink socket) are dropped unread.
  base::Result<std::span<const std::byte>, reading::ReadFailure> receive(
      std::span<std::byte> buffer);

 private:
  std::unique_ptr<NetlinkCalls> calls_;
  std::uint32_t port_id_;
};

}  // namespace timewait::kernel
