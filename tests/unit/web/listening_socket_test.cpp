#include "web/listening_socket.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "http_client.h"

namespace timewait::web {
namespace {

using testing::StartsWith;

ListenAddress address(std::string_view text) { return *parse_listen_address(text); }

std::string port_of(const std::string& bound) { return bound.substr(bound.rfind(':') + 1); }

TEST(ListeningSocket, SaysWhichPortTheKernelChose) {
  const auto socket = open_listening_socket(address("127.0.0.1:0"));
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_THAT(socket->bound.to_string(), StartsWith("127.0.0.1:"));
  EXPECT_NE(port_of(socket->bound.to_string()), "0");
  EXPECT_TRUE(HttpClient(socket->bound.to_string()).connected());
}

TEST(ListeningSocket, IsNotInheritedAndDoesNotBlock) {
  const auto socket = open_listening_socket(address("127.0.0.1:0"));
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_TRUE(::fcntl(socket->fd.get(), F_GETFD) & FD_CLOEXEC);
  EXPECT_TRUE(::fcntl(socket->fd.get(), F_GETFL) & O_NONBLOCK);
}

TEST(ListeningSocket, ListensOnIpv6Loopback) {
  const auto socket = open_listening_socket(address("[::1]:0"));
  ASSERT_TRUE(socket) << "these tests need ::1: " << socket.error().message;
  EXPECT_THAT(socket->bound.to_string(), StartsWith("[::1]:"));
  EXPECT_TRUE(HttpClient(socket->bound.to_string()).connected());
  EXPECT_FALSE(HttpClient("127.0.0.1:" + port_of(socket->bound.to_string())).connected());
}

class EveryInterface : public testing::TestWithParam<std::string> {};

TEST_P(EveryInterface, TakesIpv6AndIpv4) {
  const auto socket = open_listening_socket(address(GetParam()));
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_THAT(socket->bound.to_string(), StartsWith("[::]:"));
  EXPECT_TRUE(HttpClient("127.0.0.1:" + port_of(socket->bound.to_string())).connected());
  EXPECT_TRUE(HttpClient("[::1]:" + port_of(socket->bound.to_string())).connected());
}

INSTANTIATE_TEST_SUITE_P(Spellings, EveryInterface, testing::Values(":0", "[::]:0"));

// From here on the calling thread is on a kernel that was booted with ipv6.disable=1.
bool lose_ipv6() {
  constexpr auto kArgument = static_cast<std::uint32_t>(offsetof(seccomp_data, args[0]));
  constexpr auto kNumber = static_cast<std::uint32_t>(offsetof(seccomp_data, nr));
  std::array<sock_filter, 6> filter = {{
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, kNumber},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_socket},
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, kArgument},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, AF_INET6},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EAFNOSUPPORT},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  }};
  const sock_fprog program{filter.size(), filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(ListeningSocket, EveryInterfaceIsIpv4WhereTheKernelHasNoIpv6) {
  std::thread([] {
    ASSERT_TRUE(lose_ipv6());
    const auto socket = open_listening_socket(address(":0"));
    ASSERT_TRUE(socket) << socket.error().message;
    EXPECT_THAT(socket->bound.to_string(), StartsWith("0.0.0.0:"));
    EXPECT_TRUE(HttpClient("127.0.0.1:" + port_of(socket->bound.to_string())).connected());
  }).join();
}

TEST(ListeningSocket, AnExplicitIpv6AddressNeedsIpv6) {
  std::thread([] {
    ASSERT_TRUE(lose_ipv6());
    const auto socket = open_listening_socket(address("[::]:0"));
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().message,
              "cannot listen on [::]:0: Address family not supported by protocol");
  }).join();
}

TEST(ListeningSocket, SaysThatThePortIsTaken) {
  const auto taken = open_listening_socket(address("127.0.0.1:0"));
  ASSERT_TRUE(taken) << taken.error().message;
  const std::string bound = taken->bound.to_string();
  const auto second = open_listening_socket(address(bound));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "cannot listen on " + bound + ": Address already in use");
  const auto everywhere = open_listening_socket(address(":" + port_of(bound)));
  ASSERT_FALSE(everywhere);
  EXPECT_EQ(everywhere.error().message,
            "cannot listen on :" + port_of(bound) + ": Address already in use");
}

TEST(ListeningSocket, SaysThatTheAddressIsNotOfThisHost) {
  const auto socket = open_listening_socket(address("192.0.2.1:0"));  // TEST-NET-1, RFC 5737
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().message,
            "cannot listen on 192.0.2.1:0: Cannot assign requested address");
}

}  // namespace
}  // namespace timewait::web
