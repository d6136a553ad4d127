#include "inet/address.h"

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

}  // namespace
}  // namespace timewait::inet
