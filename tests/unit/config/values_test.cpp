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

TEST(ParseMaxNamespaces, HoldsTheRange) {
  EXPECT_EQ(*parse_max_namespaces("1"), 1u);
  EXPECT_EQ(*parse_max_namespaces("256"), 256u);
  EXPECT_FALSE(parse_max_namespaces("0"));
  EXPECT_FALSE(parse_max_namespaces("257"));
  EXPECT_FALSE(parse_max_namespaces("016"));
}

std::string share_error(std::string_view text) {
  const auto parsed = parse_share(text);
  return parsed ? "none" : parsed.error().message;
}

TEST(ParseShare, ReadsPercentAndParts) {
  EXPECT_EQ(*parse_share("5%"), 0.05);
  EXPECT_EQ(*parse_share("0.05"), 0.05);
  EXPECT_EQ(*parse_share("0.5%"), 0.005);
  EXPECT_EQ(*parse_share("12.50%"), 0.125);
}

TEST(ParseShare, HoldsTheRange) {
  EXPECT_EQ(*parse_share("100%"), 1.0);
  EXPECT_EQ(*parse_share("1"), 1.0);
  EXPECT_EQ(*parse_share("1.0"), 1.0);
  EXPECT_EQ(*parse_share("0.001%"), 0.001 / 100);
  EXPECT_EQ(share_error("0"), "\"0\" is too small");
  EXPECT_EQ(share_error("0.0%"), "\"0.0%\" is too small");
  EXPECT_EQ(share_error("100.1%"), "\"100.1%\" is too large");
  EXPECT_EQ(share_error("5"), "\"5\" is more than 1 and has no %");
  EXPECT_EQ(share_error("1.01"), "\"1.01\" is more than 1 and has no %");
}

TEST(ParseShare, RefusesOtherText) {
  for (const char* const text :
       {"",    "%",   ".",    ".5",   "5.",   "5.%", "05%",  "00.5", "-5%", "+5%",  "5 %",
        " 5%", "5%%", "5e1%", "0x5%", "0,5%", "inf", "nan%", "5pct", "1/2", "0.5.5"}) {
    EXPECT_EQ(share_error(text), quoted(text) + " is not a share");
  }
  EXPECT_EQ(share_error(std::string(400, '9') + "%").substr(64), "9...\" is not a share");
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

TEST(ParseNamespaceName, IsAnyShortText) {
  EXPECT_TRUE(parse_namespace_name("other"));
  EXPECT_TRUE(parse_namespace_name("10.0.0.1:80"));
  EXPECT_TRUE(parse_namespace_name(std::string(128, 'a')));
  EXPECT_FALSE(parse_namespace_name(std::string(129, 'a')));
  EXPECT_FALSE(parse_namespace_name(""));
  EXPECT_FALSE(parse_namespace_name("a\nb"));
}

TEST(ParsePath, IsAbsolute) {
  EXPECT_EQ(*parse_path("/run/netns/app"), "/run/netns/app");
  EXPECT_TRUE(parse_path("/" + std::string(4094, 'a')));
  EXPECT_FALSE(parse_path("/" + std::string(4095, 'a')));
  EXPECT_FALSE(parse_path("run/netns/app"));
  EXPECT_FALSE(parse_path("~/app"));
  EXPECT_FALSE(parse_path(""));
  EXPECT_FALSE(parse_path("/run/netns/a\x1b"));
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
