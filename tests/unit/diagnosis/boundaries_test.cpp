// Where one cause ends and the next begins, and how far lists of advice go.
#include <cstddef>
#include <string>
#include <string_view>

#include <gmock/gmock.h>

#include "made_host.h"

namespace timewait::diagnosis {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const inet::Endpoint kApi = endpoint("10.0.0.9", 443);

std::size_t count_of(std::string_view what, std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at)) {
    at += what.size();
    ++count;
  }
  return count;
}

// Connections that stay become more by 50 a second.
std::string why_beside_growth(int churn) {
  MadeHost host;
  host.churn(kApi, churn, 60);
  host.opened = 50;
  host.opened_toward = kApi;
  host.polls = 16;
  return host.diagnose().problems.at(0).why;
}

TEST(Boundaries, ItIsChurnWhereMostAreClosedAgain) {
  EXPECT_THAT(why_beside_growth(100), HasSubstr("used for a short time and closed"));
  EXPECT_THAT(why_beside_growth(15), HasSubstr("they become more: a leak"));
}

TEST(Boundaries, AnUpstreamHasEightServersAtMost) {
  MadeHost host;
  inet::EndpointMatcher tomcats;
  tomcats.ports = {8080, 8080};
  host.rules.peers = {{"app", {tomcats}}};
  host.churn(endpoint("10.0.0.9", 8080), 440, 60);
  for (int i = 0; i < 10; ++i) host.churn(endpoint("10.0.1." + std::to_string(i), 8080), 1, 60);
  EXPECT_EQ(count_of("    server 10.0.", lines_of(only_problem(host.diagnose()))), 8u);
}

std::string advice_for(int port) {
  MadeHost host;
  host.churn(endpoint("10.0.0.9", port), 440, 60);
  return text_of(only_problem(host.diagnose()));
}

TEST(Boundaries, WhichPortsAreThoseOfDatabases) {
  for (const int port : {5432, 3306, 1521, 1433, 27017, 6379, 11211}) {
    EXPECT_THAT(advice_for(port),
                AllOf(HasSubstr("setMaximumPoolSize"), Not(HasSubstr("upstream"))));
  }
}

TEST(Boundaries, WhichPortsSpeakTls) {
  for (const int port : {443, 8443}) {
    EXPECT_THAT(advice_for(port), HasSubstr("proxy_pass https://app;"));
  }
  for (const int port : {80, 8080, 444}) {
    EXPECT_THAT(advice_for(port), HasSubstr("proxy_pass http://app;"));
  }
}

}  // namespace
}  // namespace timewait::diagnosis
