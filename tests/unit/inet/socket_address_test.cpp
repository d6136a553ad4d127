#include "inet/socket_address.h"

#include <string>

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace timewait::inet {
namespace {

class SocketAddresses : public testing::TestWithParam<const char*> {};

TEST_P(SocketAddresses, LeadBack) {
  const Endpoint endpoint{Address::parse(GetParam()).value(), 10048};
  EXPECT_EQ(to_endpoint(to_socket_address(endpoint)), endpoint);
}

INSTANTIATE_TEST_SUITE_P(Both, SocketAddresses,
                         testing::Values("127.0.0.1", "0.0.0.0", "::", "::1", "2001:db8::1"));

TEST(SocketAddress, IsAsTheKernelWantsIt) {
  SocketAddress ipv4 = to_socket_address({Address::parse("192.0.2.1").value(), 0x1234});
  EXPECT_EQ(ipv4.family(), AF_INET);
  EXPECT_EQ(ipv4.size, sizeof(sockaddr_in));
  EXPECT_EQ(std::string(ipv4.pointer()->sa_data, 6), std::string("\x12\x34\xc0\x00\x02\x01", 6));
  const SocketAddress ipv6 = to_socket_address({Address::parse("::1").value(), 80});
  EXPECT_EQ(ipv6.family(), AF_INET6);
  EXPECT_EQ(ipv6.size, sizeof(sockaddr_in6));
}

}  // namespace
}  // namespace timewait::inet
