#include "web/listen_address.h"

#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timewait::web {
namespace {

using testing::HasSubstr;

struct Case {
  std::string text;
  std::optional<std::string> address;
  std::uint16_t port;
};

class ParseListenAddress : public testing::TestWithParam<Case> {};

TEST_P(ParseListenAddress, ReadsAndWritesTheSameText) {
  const auto parsed = parse_listen_address(GetParam().text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(parsed->address.has_value(), GetParam().address.has_value());
  if (parsed->address) {
    EXPECT_EQ(parsed->address->to_string(), *GetParam().address);
  }
  EXPECT_EQ(parsed->port, GetParam().port);
  EXPECT_EQ(parsed->to_string(), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Valid, ParseListenAddress,
                         testing::Values(Case{":10048", std::nullopt, 10048},
                                         Case{":0", std::nullopt, 0},
                                         Case{"127.0.0.1:10048", "127.0.0.1", 10048},
                                         Case{"0.0.0.0:80", "0.0.0.0", 80},
                                         Case{"[::1]:10048", "::1", 10048}, Case{"[::]:0", "::", 0},
                                         Case{"[2001:db8::1]:65535", "2001:db8::1", 65535}));

TEST(ParseListenAddress, TakesAMappedAddressAsIpv4) {
  const auto parsed = parse_listen_address("[::ffff:127.0.0.1]:80");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->to_string(), "127.0.0.1:80");
}

class RefuseListenAddress : public testing::TestWithParam<std::string> {};

TEST_P(RefuseListenAddress, SaysWhatIsAllowed) {
  const auto parsed = parse_listen_address(GetParam());
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr("\"" + GetParam() + "\""));
  EXPECT_THAT(parsed.error().message, HasSubstr(":PORT, IPV4:PORT or [IPV6]:PORT"));
}

INSTANTIATE_TEST_SUITE_P(Invalid, RefuseListenAddress,
                         testing::Values("", ":", "10048", "127.0.0.1", "127.0.0.1:", "[::1]",
                                         "[::1]:", "::1:10048", "localhost:10048", "example.com:80",
                                         ":65536", ":-1", ":+1", ": 80", ":80 ", ":0x50", ":http",
                                         "256.0.0.1:80", "127.1:80", "[127.0.0.1]:80", "[]:80",
                                         "[::1:80", "::1]:80", "[[::1]]:80", "[fe80::1%eth0]:80",
                                         "*:80", "http://127.0.0.1:80", "127.0.0.1:80/metrics",
                                         "[::1]x:80", " :80"));

}  // namespace
}  // namespace timewait::web
