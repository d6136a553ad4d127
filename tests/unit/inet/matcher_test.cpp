#include "inet/matcher.h"

#include <gtest/gtest.h>

namespace timewait::inet {
namespace {

Endpoint endpoint(std::string_view address, std::uint16_t port) {
  return {*Address::parse(address), port};
}

TEST(EndpointMatcher, EveryGivenPartMustMatch) {
  const EndpointMatcher both{Cidr::parse("10.0.0.0/8"), PortRange{443, 444}};
  EXPECT_TRUE(both.matches(endpoint("10.1.2.3", 443)));
  EXPECT_TRUE(both.matches(endpoint("10.1.2.3", 444)));
  EXPECT_FALSE(both.matches(endpoint("10.1.2.3", 445)));
  EXPECT_FALSE(both.matches(endpoint("11.1.2.3", 443)));
  EXPECT_TRUE((EndpointMatcher{std::nullopt, PortRange{80, 80}}).matches(endpoint("::1", 80)));
  EXPECT_TRUE((EndpointMatcher{Cidr::parse("::1"), std::nullopt}).matches(endpoint("::1", 9)));
}

TEST(EndpointMatcher, AHostMatchesNothingByItself) {
  EXPECT_FALSE((EndpointMatcher{std::nullopt, std::nullopt, "db"}).matches(endpoint("::1", 9)));
  const EndpointMatcher with_port{std::nullopt, PortRange{80, 80}, "db"};
  EXPECT_FALSE(with_port.matches(endpoint("10.0.0.1", 80)));
}

TEST(FirstMatch, TheFirstRuleWins) {
  const std::vector<NamedRule> rules = {
      {"one", {{Cidr::parse("10.0.0.1"), std::nullopt}, {Cidr::parse("10.0.0.2"), std::nullopt}}},
      {"all", {{Cidr::parse("10.0.0.0/8"), std::nullopt}}}};
  EXPECT_EQ(first_match(rules, endpoint("10.0.0.2", 1)), 0u);
  EXPECT_EQ(first_match(rules, endpoint("10.0.0.3", 1)), 1u);
  EXPECT_EQ(first_match(rules, endpoint("11.0.0.3", 1)), std::nullopt);
}

}  // namespace
}  // namespace timewait::inet
