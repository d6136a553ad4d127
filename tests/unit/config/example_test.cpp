// The two examples that are shipped in config/.
#include <fstream>
#include <regex>
#include <span>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/keys.h"
#include "config/load.h"

namespace timewait::config {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

const std::string kMinimal = TIMEWAIT_EXAMPLES_DIR "/minimal.yml";
const std::string kFull = TIMEWAIT_EXAMPLES_DIR "/full.yml";

auto is_named(const std::string& name) { return Field("name", &inet::NamedRule::name, name); }

inet::Endpoint endpoint(std::string_view address, std::uint16_t port) {
  return {inet::Address::parse(address).value(), port};
}

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Examples, MinimalNamesOnePeer) {
  const auto config = load_file(kMinimal);
  ASSERT_TRUE(config) << config.error().problems.front();
  ASSERT_THAT(config->peers, ElementsAre(is_named("tomcat")));
  EXPECT_TRUE(config->peers[0].matches(endpoint("127.0.0.1", 8080)));
  EXPECT_TRUE(config->peers[0].matches(endpoint("::1", 8080)));
  EXPECT_FALSE(config->peers[0].matches(endpoint("127.0.0.1", 8081)));
  EXPECT_THAT(config->listeners, IsEmpty());
  EXPECT_EQ(config->poll_interval, Config{}.poll_interval);
  EXPECT_EQ(config->max_peers, Config{}.max_peers);
}

TEST(Examples, FullHasTheValuesItShows) {
  const auto config = load_file(kFull);
  ASSERT_TRUE(config) << config.error().problems.front();
  EXPECT_EQ(config->poll_interval, 5s);
  EXPECT_EQ(config->max_peers, 20u);
  ASSERT_THAT(config->peers, ElementsAre(is_named("tomcat"), is_named("external-api"),
                                         is_named("orders-db"), is_named("dns-over-tls")));
  ASSERT_THAT(config->network_namespaces, SizeIs(1));
  EXPECT_EQ(config->network_namespaces[0].name, "app");
  EXPECT_EQ(config->network_namespaces[0].path, "/run/netns/app");
  ASSERT_TRUE(config->namespace_discovery);
  EXPECT_THAT(config->peers[0].match, SizeIs(2));
  EXPECT_TRUE(config->peers[1].matches(endpoint("203.0.113.7", 444)));
  EXPECT_FALSE(config->peers[1].matches(endpoint("203.0.114.7", 444)));
  EXPECT_FALSE(config->peers[1].matches(endpoint("203.0.113.7", 445)));
  ASSERT_THAT(config->peers[2].match, SizeIs(1));
  EXPECT_EQ(config->peers[2].match[0].host, "orders.example.internal");
  EXPECT_EQ(config->peers[2].match[0].ports, (inet::PortRange{5432, 5432}));
  EXPECT_TRUE(config->peers[3].matches(endpoint("2001:db8::53", 853)));
  ASSERT_THAT(config->listeners, ElementsAre(is_named("nginx"), is_named("admin")));
  EXPECT_TRUE(config->listeners[0].matches(endpoint("0.0.0.0", 443)));
  EXPECT_TRUE(config->listeners[1].matches(endpoint("127.0.0.2", 9009)));
}

// Its comments give the defaults by name: they must stay the defaults.
TEST(Examples, FullShowsDefaultsForWhatHasOne) {
  const auto config = load_file(kFull);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->poll_interval, Config{}.poll_interval);
  EXPECT_EQ(config->max_peers, Config{}.max_peers);
  EXPECT_EQ(config->max_cpu, Config{}.max_cpu);
  EXPECT_EQ(config->namespace_discovery->max, NamespaceDiscovery{}.max);
  EXPECT_EQ(config->audit, Config{}.audit);
  EXPECT_EQ(config->audit_interval, Config{}.audit_interval);
}

TEST(Examples, FullHasEveryKey) {
  const std::string text = read_text(kFull);
  const auto expect_all = [&](std::span<const std::string_view> keys) {
    for (const std::string_view key : keys) {
      const std::regex entry("(^|\n)[^#\n]*\\b" + std::string(key) + ":");
      EXPECT_TRUE(std::regex_search(text, entry)) << key;
    }
  };
  expect_all(kRootKeys);
  expect_all(kPollKeys);
  expect_all(kRuleKeys);
  expect_all(kPeerMatcherKeys);
  expect_all(kListenerMatcherKeys);
  expect_all(kDiscoveryKeys);
  expect_all(kHeadroomKeys);
  expect_all(kNamespaceKeys);
}

}  // namespace
}  // namespace timewait::config
