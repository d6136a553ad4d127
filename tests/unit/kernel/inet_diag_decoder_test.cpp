#include "kernel/inet_diag_decoder.h"

#include <cerrno>
#include <cstring>
#include <limits>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <sys/socket.h>

namespace timewait::kernel {
namespace {

using inet::TcpState;
using reading::FailureReason;
using reading::SocketRecord;

constexpr std::uint16_t kSocketMessage = 18;
constexpr DumpIdentity kIdentity{7, 4242, kSocketMessage};

using Bytes = std::vector<std::byte>;

template <typename T>
void append(Bytes& bytes, const T& value) {
  const auto* const begin = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), begin, begin + sizeof(value));
}

nlmsghdr header(std::uint16_t type, std::size_t payload_size) {
  nlmsghdr made{};
  made.nlmsg_len = static_cast<std::uint32_t>(sizeof(nlmsghdr) + payload_size);
  made.nlmsg_type = type;
  made.nlmsg_flags = NLM_F_MULTI;
  made.nlmsg_seq = kIdentity.sequence;
  made.nlmsg_pid = kIdentity.port_id;
  return made;
}

template <typename Payload>
Bytes message(std::uint16_t type, const Payload& payload) {
  Bytes bytes;
  append(bytes, header(type, sizeof(payload)));
  append(bytes, payload);
  return bytes;
}

inet_diag_msg ipv4_socket(std::uint8_t state) {
  inet_diag_msg made{};
  made.idiag_family = AF_INET;
  made.idiag_state = state;
  made.id.idiag_sport = htons(40000);
  made.id.idiag_dport = htons(8080);
  ::inet_pton(AF_INET, "127.0.0.1", made.id.idiag_src);
  ::inet_pton(AF_INET, "127.0.0.2", made.id.idiag_dst);
  made.id.idiag_if = 3;
  made.id.idiag_cookie[0] = 5;
  made.id.idiag_cookie[1] = 1;
  return made;
}

Bytes listener_with_attribute(std::uint16_t type, std::uint16_t length, std::uint8_t value) {
  inet_diag_msg listener = ipv4_socket(10);
  listener.idiag_rqueue = 2;
  listener.idiag_wqueue = 128;
  Bytes bytes;
  append(bytes, header(kSocketMessage, sizeof(listener) + 8));
  append(bytes, listener);
  append(bytes, nlattr{length, type});
  append(bytes, std::array<std::uint8_t, 4>{value, 0, 0, 0});
  return bytes;
}

class Decoder : public testing::Test {
 protected:
  base::Result<DumpProgress, DumpFailure> decode(const Bytes& datagram) {
    return decode_datagram(datagram, kIdentity, sockets_);
  }

  void expect_failure(const Bytes& datagram, FailureReason reason, int kernel_errno = 0) {
    const auto progress = decode(datagram);
    ASSERT_FALSE(progress);
    EXPECT_EQ(progress.error().failure.reason, reason);
    EXPECT_EQ(progress.error().kernel_errno, kernel_errno);
    EXPECT_FALSE(progress.error().failure.message.empty());
  }

  std::vector<SocketRecord> sockets_;
};

TEST_F(Decoder, AnIpv4Socket) {
  inet_diag_msg socket = ipv4_socket(6);
  socket.idiag_timer = 3;
  socket.idiag_expires = 59'000;
  const auto progress = decode(message(kSocketMessage, socket));
  ASSERT_TRUE(progress);
  EXPECT_EQ(*progress, DumpProgress::kMore);
  ASSERT_EQ(sockets_.size(), 1u);
  EXPECT_EQ(sockets_[0].local.to_string(), "127.0.0.1:40000");
  EXPECT_EQ(sockets_[0].remote.to_string(), "127.0.0.2:8080");
  EXPECT_EQ(sockets_[0].state, TcpState::kTimeWait);
  EXPECT_EQ(sockets_[0].time_wait_left, std::chrono::milliseconds(59'000));
  EXPECT_EQ(sockets_[0].interface, 3u);
  EXPECT_EQ(sockets_[0].cookie, (std::uint64_t{1} << 32) + 5);
}

TEST_F(Decoder, Ipv6AndMappedSockets) {
  inet_diag_msg socket = ipv4_socket(1);
  socket.idiag_family = AF_INET6;
  ::inet_pton(AF_INET6, "::1", socket.id.idiag_src);
  ::inet_pton(AF_INET6, "::ffff:10.0.0.1", socket.id.idiag_dst);
  ASSERT_TRUE(decode(message(kSocketMessage, socket)));
  ASSERT_EQ(sockets_.size(), 1u);
  EXPECT_EQ(sockets_[0].local.to_string(), "[::1]:40000");
  EXPECT_EQ(sockets_[0].remote.to_string(), "10.0.0.1:8080");
}

TEST_F(Decoder, OnlyTimeWaitHasATimeLeft) {
  inet_diag_msg mini_socket = ipv4_socket(5);  // FIN_WAIT2 without a process: the same timer
  mini_socket.idiag_timer = 3;
  mini_socket.idiag_expires = 30'000;
  ASSERT_TRUE(decode(message(kSocketMessage, mini_socket)));
  EXPECT_EQ(sockets_.at(0).time_wait_left, std::chrono::milliseconds(0));
}

TEST_F(Decoder, ATimeLeftBeyondAllReasonIsCapped) {
  inet_diag_msg socket = ipv4_socket(6);
  socket.idiag_expires = ~0u;
  ASSERT_TRUE(decode(message(kSocketMessage, socket)));
  EXPECT_EQ(sockets_.at(0).time_wait_left, reading::kTimeWaitLength);
}

TEST_F(Decoder, TheKernelsInternalStates) {
  ASSERT_TRUE(decode(message(kSocketMessage, ipv4_socket(12))));
  ASSERT_TRUE(decode(message(kSocketMessage, ipv4_socket(13))));
  ASSERT_EQ(sockets_.size(), 2u);
  EXPECT_EQ(sockets_[0].state, TcpState::kSynRecv);
  EXPECT_EQ(sockets_[1].state, TcpState::kClose);
}

TEST_F(Decoder, UnknownStatesAndFamiliesAreSkipped) {
  inet_diag_msg other_family = ipv4_socket(1);
  other_family.idiag_family = AF_UNIX;
  ASSERT_TRUE(decode(message(kSocketMessage, other_family)));
  ASSERT_TRUE(decode(message(kSocketMessage, ipv4_socket(0))));
  ASSERT_TRUE(decode(message(kSocketMessage, ipv4_socket(14))));
  ASSERT_TRUE(decode(message(kSocketMessage, ipv4_socket(255))));
  EXPECT_TRUE(sockets_.empty());
}

TEST_F(Decoder, AListenersQueueAndAttributes) {
  ASSERT_TRUE(decode(listener_with_attribute(INET_DIAG_SKV6ONLY, 5, 1)));
  ASSERT_TRUE(decode(listener_with_attribute(INET_DIAG_SKV6ONLY, 5, 0)));
  ASSERT_TRUE(decode(listener_with_attribute(INET_DIAG_SHUTDOWN, 5, 1)));
  ASSERT_EQ(sockets_.size(), 3u);
  EXPECT_EQ(sockets_[0].accept_queue, 2u);
  EXPECT_EQ(sockets_[0].accept_queue_limit, 128u);
  EXPECT_TRUE(sockets_[0].ipv6_only);
  EXPECT_FALSE(sockets_[1].ipv6_only);
  EXPECT_FALSE(sockets_[2].ipv6_only);
}

TEST_F(Decoder, BrokenAttributes) {
  for (const std::uint16_t length : std::initializer_list<std::uint16_t>{0, 1, 3, 9, 65535}) {
    expect_failure(listener_with_attribute(INET_DIAG_SKV6ONLY, length, 1),
                   FailureReason::kMalformed);
  }
  expect_failure(listener_with_attribute(INET_DIAG_SKV6ONLY, 4, 1), FailureReason::kMalformed);
}

TEST_F(Decoder, SeveralMessagesInADatagram) {
  Bytes datagram = message(kSocketMessage, ipv4_socket(1));
  const Bytes second = message(kSocketMessage, ipv4_socket(6));
  const Bytes done = message(NLMSG_DONE, 0);
  datagram.insert(datagram.end(), second.begin(), second.end());
  datagram.insert(datagram.end(), done.begin(), done.end());
  const auto progress = decode(datagram);
  ASSERT_TRUE(progress);
  EXPECT_EQ(*progress, DumpProgress::kDone);
  EXPECT_EQ(sockets_.size(), 2u);
}

TEST_F(Decoder, MessagesOfAnotherDumpAreSkipped) {
  for (const auto& change : std::vector<void (*)(nlmsghdr&)>{[](nlmsghdr& h) { ++h.nlmsg_seq; },
                                                             [](nlmsghdr& h) { ++h.nlmsg_pid; }}) {
    nlmsghdr foreign = header(NLMSG_ERROR, sizeof(nlmsgerr));
    change(foreign);
    Bytes datagram;
    append(datagram, foreign);
    append(datagram, nlmsgerr{-EPERM, {}});
    const auto progress = decode(datagram);
    ASSERT_TRUE(progress);
    EXPECT_EQ(*progress, DumpProgress::kMore);
  }
}

TEST_F(Decoder, TheStatusOfTheDumpIsRead) {
  expect_failure(message(NLMSG_DONE, -ENOMEM), FailureReason::kKernelError, ENOMEM);
  expect_failure(message(NLMSG_ERROR, nlmsgerr{-ENOENT, {}}), FailureReason::kKernelError, ENOENT);
  for (const int no_errno : {-4096, std::numeric_limits<int>::min()}) {
    expect_failure(message(NLMSG_DONE, no_errno), FailureReason::kMalformed);
    expect_failure(message(NLMSG_ERROR, nlmsgerr{no_errno, {}}), FailureReason::kMalformed);
  }
  Bytes bare_done;
  append(bare_done, header(NLMSG_DONE, 0));
  expect_failure(bare_done, FailureReason::kMalformed);
  Bytes short_error;
  append(short_error, header(NLMSG_ERROR, 4));
  append(short_error, -EPERM);
  expect_failure(short_error, FailureReason::kMalformed);
}

TEST_F(Decoder, AnAcknowledgementAndANoopAreNothing) {
  EXPECT_EQ(*decode(message(NLMSG_ERROR, nlmsgerr{})), DumpProgress::kMore);
  EXPECT_EQ(*decode(message(NLMSG_NOOP, 0)), DumpProgress::kMore);
}

TEST_F(Decoder, OverrunAndInterruption) {
  expect_failure(message(NLMSG_OVERRUN, 0), FailureReason::kOverrun);
  // The kernel tells once, at whichever message it has noticed (`nl_dump_check_consistent`).
  for (const Bytes& whole : {message(NLMSG_DONE, 0), message(kSocketMessage, ipv4_socket(1))}) {
    nlmsghdr interrupted;
    std::memcpy(&interrupted, whole.data(), sizeof(interrupted));
    interrupted.nlmsg_flags |= NLM_F_DUMP_INTR;
    Bytes datagram = whole;
    std::memcpy(datagram.data(), &interrupted, sizeof(interrupted));
    expect_failure(datagram, FailureReason::kInterrupted);
  }
}

TEST_F(Decoder, ATypeThatWasNotAskedFor) {
  expect_failure(message(20, ipv4_socket(1)), FailureReason::kMalformed);
}

TEST_F(Decoder, EveryCutOfADatagramFailsOrEndsEarly) {
  Bytes datagram = message(kSocketMessage, ipv4_socket(1));
  const Bytes done = message(NLMSG_DONE, 0);
  const std::size_t first = datagram.size();
  datagram.insert(datagram.end(), done.begin(), done.end());
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    sockets_.clear();
    const auto progress = decode(Bytes(datagram.begin(), datagram.begin() + long(size)));
    if (size == first) {
      EXPECT_TRUE(progress && *progress == DumpProgress::kMore);
    } else {
      EXPECT_FALSE(progress) << size;
    }
  }
}

TEST_F(Decoder, LengthsThatLie) {
  for (const std::uint32_t length : {0u, 1u, 15u, 17u, 200u, 0x7fffffffu, 0xffffffffu}) {
    Bytes datagram = message(kSocketMessage, ipv4_socket(1));
    std::memcpy(datagram.data(), &length, sizeof(length));
    expect_failure(datagram, FailureReason::kMalformed);
  }
}

}  // namespace
}  // namespace timewait::kernel
