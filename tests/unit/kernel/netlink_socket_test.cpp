#include "kernel/netlink_socket.h"

#include <array>
#include <cstring>

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace timewait::kernel {
namespace {

using reading::FailureReason;

// Asks for nothing that exists, so the kernel answers with one NLMSG_ERROR.
nlmsghdr nonsense_request() {
  nlmsghdr request{};
  request.nlmsg_len = sizeof(request);
  request.nlmsg_type = 0x7fff;
  request.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  request.nlmsg_seq = 1;
  return request;
}

TEST(NetlinkSocket, KnowsItsPortId) {
  const auto first = NetlinkSocket::open();
  const auto second = NetlinkSocket::open();
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->port_id(), 0u);
  EXPECT_NE(first->port_id(), second->port_id());
}

TEST(NetlinkSocket, DropsWhatAnotherProcessSends) {
  // Only CAP_NET_ADMIN may send to another process here: root has it, others in a namespace of
  // theirs.
  if (::geteuid() != 0) {
    ASSERT_EQ(::unshare(CLONE_NEWUSER | CLONE_NEWNET), 0);
  }
  auto socket = NetlinkSocket::open();
  ASSERT_TRUE(socket);
  const base::UniqueFd stranger(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_pid = socket->port_id();
  const nlmsghdr forged = nonsense_request();
  ASSERT_EQ(::sendto(stranger.get(), &forged, sizeof(forged), 0,
                     reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
            ssize_t{sizeof(forged)})
      << std::strerror(errno);

  const nlmsghdr request = nonsense_request();
  ASSERT_TRUE(socket->send(std::as_bytes(std::span(&request, 1))));
  std::array<std::byte, 4096> buffer;
  const auto datagram = socket->receive(buffer);
  ASSERT_TRUE(datagram);
  nlmsghdr answer;
  ASSERT_GE(datagram->size(), sizeof(answer));
  std::memcpy(&answer, datagram->data(), sizeof(answer));
  EXPECT_EQ(answer.nlmsg_type, NLMSG_ERROR);  // the kernel's answer, not the forged request
}

TEST(NetlinkSocket, ADatagramLargerThanTheBufferIsAFailure) {
  auto socket = NetlinkSocket::open();
  ASSERT_TRUE(socket);
  const nlmsghdr request = nonsense_request();
  ASSERT_TRUE(socket->send(std::as_bytes(std::span(&request, 1))));
  std::array<std::byte, 8> buffer;
  const auto datagram = socket->receive(buffer);
  ASSERT_FALSE(datagram);
  EXPECT_EQ(datagram.error().reason, FailureReason::kTruncated);
}

}  // namespace
}  // namespace timewait::kernel
