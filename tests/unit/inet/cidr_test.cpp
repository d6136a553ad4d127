#include "inet/cidr.h"

#include <gtest/gtest.h>

namespace timewait::inet {
namespace {

bool contains(std::string_view block, std::string_view address) {
  return Cidr::parse(block).value().contains(Address::parse(address).value());
}

TEST(Cidr, Ipv4Blocks) {
  EXPECT_TRUE(contains("203.0.113.0/24", "203.0.113.0"));
  EXPECT_TRUE(contains("203.0.113.0/24", "203.0.113.255"));
  EXPECT_FALSE(contains("203.0.113.0/24", "203.0.114.0"));
  EXPECT_TRUE(contains("10.128.0.0/9", "10.255.0.1"));
  EXPECT_FALSE(contains("10.128.0.0/9", "10.127.255.255"));
  EXPECT_TRUE(contains("192.0.2.4/31", "192.0.2.5"));
  EXPECT_FALSE(contains("192.0.2.4/31", "192.0.2.6"));
  EXPECT_TRUE(contains("192.0.2.4/32", "192.0.2.4"));
}

TEST(Cidr, ALoneAddressIsItself) {
  EXPECT_TRUE(contains("127.0.0.1", "::ffff:127.0.0.1"));
  EXPECT_FALSE(contains("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(contains("::1", "::1"));
}

TEST(Cidr, TheFamiliesAreApart) {
  EXPECT_TRUE(contains("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(contains("::/0", "2001:db8::1"));
  EXPECT_FALSE(contains("::/0", "8.8.8.8"));
}

TEST(Cidr, Ipv6Blocks) {
  EXPECT_TRUE(contains("2001:db8::/32", "2001:db8:ffff::1"));
  EXPECT_FALSE(contains("2001:db8::/32", "2001:db9::1"));
  EXPECT_TRUE(contains("2001:db8::8000/113", "2001:db8::ffff"));
  EXPECT_FALSE(contains("2001:db8::8000/113", "2001:db8::7fff"));
}

TEST(Cidr, RejectsWhatIsNoBlock) {
  for (const char* text : {"", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1",
                           "0.0.0.0/-0", "10.0.0.0/08", "10.0.0.0/8x", "10.0.0.0/ 8", "10.0.0.1/8",
                           "2001:db8::1/32", "x/8", "10.0.0.0/99999999999999999999"}) {
    EXPECT_FALSE(Cidr::parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace timewait::inet
