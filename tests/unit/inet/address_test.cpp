#include "inet/address.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace timewait::inet {
namespace {

Address address(std::string_view text) { return Address::parse(text).value(); }

TEST(Address, ParsesAndPrints) {
  for (const char* text :
       {"127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1", "fe80::1:2:3:4"}) {
    EXPECT_EQ(address(text).to_string(), text);
  }
  EXPECT_EQ(address("2001:DB8:0:0:0:0:0:1").to_string(), "2001:db8::1");
}

TEST(Address, RejectsWhatIsNotAnAddress) {
  for (const char* text : {"", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "::1%lo",
                           "[::1]", "1.2.3.4 ", ":::", "1.2.3.4/8"}) {
    EXPECT_FALSE(Address::parse(text).has_value()) << text;
  }
  EXPECT_FALSE(Address::parse(std::string_view("127.0.0.1\0x", 11)).has_value());
}

TEST(Address, MappedIsIpv4) {
  EXPECT_EQ(address("::ffff:127.0.0.1"), address("127.0.0.1"));
  EXPECT_TRUE(address("::ffff:10.0.0.1").is_ipv4());
  EXPECT_FALSE(address("::10.0.0.1").is_ipv4());
  EXPECT_FALSE(address("1::ffff:10.0.0.1").is_ipv4());
}

TEST(Address, Kinds) {
  EXPECT_TRUE(address("0.0.0.0").is_unspecified());
  EXPECT_TRUE(address("::").is_unspecified());
  EXPECT_FALSE(address("0.0.0.1").is_unspecified());
  for (const char* text : {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.9.9.9"}) {
    EXPECT_TRUE(address(text).is_loopback()) << text;
  }
  for (const char* text : {"126.255.255.255", "128.0.0.0", "::2", "::", "::7f00:1", "1::1"}) {
    EXPECT_FALSE(address(text).is_loopback()) << text;
  }
  EXPECT_TRUE(address("fe80::1").is_link_local());
  EXPECT_TRUE(address("febf::1").is_link_local());
  EXPECT_FALSE(address("fec0::1").is_link_local());
}

TEST(Address, TheEndsOfItsKinds) {
  EXPECT_FALSE(address("::fffe:127.0.0.1").is_ipv4());
  EXPECT_FALSE(address("::1:ffff:127.0.0.1").is_ipv4());
  EXPECT_FALSE(address("::fffe:7f00:1").is_loopback());
  EXPECT_FALSE(address("::1:ffff:7f00:1").is_loopback());
  EXPECT_FALSE(address("8000::1").is_loopback());
  EXPECT_TRUE(address("127.0.0.0").is_loopback());
  EXPECT_FALSE(address("255.0.0.1").is_loopback());
  EXPECT_TRUE(address("::ffff:0:0").is_unspecified());
  EXPECT_FALSE(address("::1").is_unspecified());
  EXPECT_FALSE(address("::ffff:0").is_unspecified());
  EXPECT_FALSE(address("8000::").is_unspecified());
  EXPECT_FALSE(address("8000::ffff:0:0").is_unspecified());
  EXPECT_TRUE(address("fe80::").is_link_local());
  EXPECT_TRUE(address("febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff").is_link_local());
  for (const char* text : {"fe7f:ffff::", "fec0::", "ff80::", "7e80::", "::fe80", "254.128.0.1"}) {
    EXPECT_FALSE(address(text).is_link_local()) << text;
  }
}

TEST(Address, HalvesAreInNetworkOrder) {
  constexpr Address::Bytes kBytes = {1, 2, 3, 4, 5, 6, 7, 8, 0xf9, 10, 11, 12, 13, 14, 15, 0xff};
  constexpr Address kIpv6 = Address::from_ipv6(kBytes);
  EXPECT_EQ(kIpv6.high(), 0x0102030405060708u);
  EXPECT_EQ(kIpv6.low(), 0xf90a0b0c0d0e0fffu);
  constexpr Address kIpv4 = Address::from_ipv4({192, 0, 2, 255});
  EXPECT_EQ(kIpv4.high(), 0u);
  EXPECT_EQ(kIpv4.low(), 0xffffc00002ffu);
  EXPECT_EQ(kIpv4.to_string(), "192.0.2.255");
  EXPECT_EQ(Address().to_string(), "::");
}

Address::Bytes random_bytes(std::mt19937& random) {
  Address::Bytes bytes;
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

TEST(Address, BytesComeBack) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 1000; ++trial) {
    const Address::Bytes bytes = random_bytes(random);
    EXPECT_EQ(Address::from_ipv6(bytes).bytes(), bytes);
  }
  const Address::Bytes mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 255};
  EXPECT_EQ(Address::from_ipv4({192, 0, 2, 255}).bytes(), mapped);
}

TEST(Address, TheOrderIsThatOfTheBytes) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 1000; ++trial) {
    const Address::Bytes a = random_bytes(random);
    Address::Bytes b = random_bytes(random);
    std::copy(a.begin(), a.begin() + trial % 17, b.begin());
    EXPECT_EQ(Address::from_ipv6(a) <=> Address::from_ipv6(b), a <=> b);
    EXPECT_EQ(Address::from_ipv6(a) == Address::from_ipv6(b), a == b);
  }
}

}  // namespace
}  // namespace timewait::inet
