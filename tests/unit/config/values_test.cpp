#include "config/values.h"

#include <gtest/gtest.h>

#include "config/problem.h"

namespace timewait::config {
namespace {

using namespace std::chrono_literals;

std::string interval_error(std::string_view text) {
  const auto parsed = parse_interval(text);
  return parsed ? "none" : parsed.error().message;
}

TEST(ParseInterval, ReadsEveryUnit) {
  EXPECT_EQ(*parse_interval("250ms"), 250ms);
  EXPECT_EQ(*parse_interval("5s"), 5s);
  EXPECT_EQ(*parse_interval("1m"), 60s);
  EXPECT_EQ(*parse_interval("1s500ms"), 1500ms);
  EXPECT_EQ(*parse_interval("0m1s"), 1s);
  EXPECT_EQ(*parse_interval("005s"), 5s);  // a unit leaves no doubt about the base
}

TEST(ParseInterval, HoldsTheRange) {
  EXPECT_EQ(*parse_interval("100ms"), 100ms);
  EXPECT_EQ(*parse_interval("60s"), 60s);
  EXPECT_EQ(interval_error("99ms"), "\"99ms\" is too short");
  EXPECT_EQ(interval_error("60s1ms"), "\"60s1ms\" is too long");
}

TEST(ParseInterval, RefusesOtherText) {
  EXPECT_EQ(interval_error("5"), "\"5\" has no unit");
  for (const char* const text : {"", "s", "ms", "5 s", " 5s", "5s ", "-5s", "+5s", "5sm", "1ms1s",
                                 "1s1s", "5S", "1.5s", "5s5", "1d", "5\xc2\xb5s"}) {
    EXPECT_EQ(interval_error(text), quoted(text) + " is not a duration");
  }
}

TEST(ParseMaxPeers, HoldsTheRange) {
  EXPECT_EQ(*parse_max_peers("0"), 0u);
  EXPECT_EQ(*parse_max_peers("1000"), 1000u);
  EXPECT_FALSE(parse_max_peers("1001"));
  EXPECT_FALSE(parse_max_peers("4294967296"));
  EXPECT_FALSE(parse_max_peers("00"));
  EXPECT_FALSE(parse_max_peers("-0"));
}

TEST(ParseAddress, NamesTheNetworkThatWasMeant) {
  const auto message = [](std::string_view text) { return parse_address(text).error().message; };
  EXPECT_EQ(message("10.255.255.255/9"),
            "\"10.255.255.255/9\" has bits set beyond its prefix: the network is 10.128.0.0/9");
  EXPECT_EQ(
      message("2001:db8:ffff::/33"),
      "\"2001:db8:ffff::/33\" has bits set beyond its prefix: the network is 2001:db8:8000::/33");
}

TEST(ParseHost, KeepsTheNameAsItIsWritten) {
  for (const char* const text :
       {"db", "localhost", "DB.Example.com", "db.example.com.", "a-b.c-d", "_sip._tcp.example.com",
        "10.example.com", "4ever", "xn--bcher-kva.example", "7.a"}) {
    const auto host = parse_host(text);
    ASSERT_TRUE(host) << text;
    EXPECT_EQ(*host, text);
  }
}

TEST(ParseHost, HoldsTheLengths) {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  ASSERT_EQ(longest.size(), 253u);
  EXPECT_TRUE(parse_host(longest));
  EXPECT_TRUE(parse_host(longest + "."));
  EXPECT_FALSE(parse_host(longest + "a"));
  EXPECT_FALSE(parse_host(label + "a.com"));
}

TEST(ParsePort, ReadsAPortAndARange) {
  EXPECT_EQ(*parse_port("1"), (inet::PortRange{1, 1}));
  EXPECT_EQ(*parse_port("65535"), (inet::PortRange{65535, 65535}));
  EXPECT_EQ(*parse_port("443-444"), (inet::PortRange{443, 444}));
  EXPECT_EQ(*parse_port("80-80"), (inet::PortRange{80, 80}));
}

TEST(ParsePort, RefusesALeadingZeroOnEitherSide) {
  for (const char* const text : {"080", "080-90", "80-090", "00"}) {
    EXPECT_EQ(parse_port(text).error().message, quoted(text) + " has a leading zero");
  }
}

TEST(ParseName, HoldsTheLength) {
  EXPECT_TRUE(parse_name("a"));
  EXPECT_TRUE(parse_name(std::string(128, 'a')));
  EXPECT_FALSE(parse_name(std::string(129, 'a')));
  EXPECT_FALSE(parse_name(""));
}

TEST(ParseName, RefusesWhatIsNoText) {
  EXPECT_FALSE(parse_name("a\tb"));
  EXPECT_FALSE(parse_name("a\xc2\x9b"));
  EXPECT_FALSE(parse_name("\xff"));
}

TEST(ParseName, KeepsDiscoveredNamesFree) {
  for (const char* const name :
       {"10.0.0.1:80", "[::1]:8080", "[::ffff:10.0.0.1]:1", "*:80", "0.0.0.0:65535"}) {
    EXPECT_FALSE(parse_name(name)) << name;
    EXPECT_FALSE(parse_peer_name(name)) << name;
  }
}

}  // namespace
}  // namespace timewait::config
