#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"

namespace timewait::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

Config parse_good(std::string_view yaml) {
  const auto config = parse(yaml, "c.yml");
  if (config) return *config;
  for (const std::string& problem : config.error().problems) ADD_FAILURE() << problem;
  return {};
}

std::vector<std::string> problems_of(std::string_view yaml) {
  const auto config = parse(yaml, "c.yml");
  return config ? std::vector<std::string>{} : config.error().problems;
}

inet::Endpoint endpoint(std::string_view address, std::uint16_t port) {
  return {inet::Address::parse(address).value(), port};
}

void expect_defaults(std::string_view yaml) {
  SCOPED_TRACE(yaml);
  const Config config = parse_good(yaml);
  EXPECT_EQ(config.poll_interval, 5s);
  EXPECT_EQ(config.max_cpu, 0.05);
  EXPECT_THAT(config.network_namespaces, IsEmpty());
  EXPECT_FALSE(config.namespace_discovery);
  EXPECT_THAT(config.peers, IsEmpty());
  EXPECT_THAT(config.listeners, IsEmpty());
  EXPECT_EQ(config.max_peers, 20u);
  EXPECT_FALSE(config.audit);
  EXPECT_EQ(config.audit_interval, 60s);
}

TEST(Parse, NothingYieldsTheDefaults) {
  for (const char* const yaml : {"", "\n", "# nothing\n", "---\n", "---\n...\n", "...\n", "~\n",
                                 "{}\n", "%YAML 1.2\n---\n", "\xef\xbb\xbf", " \t\n"}) {
    expect_defaults(yaml);
  }
}

TEST(Parse, EmptySectionsYieldTheDefaults) {
  expect_defaults("poll:\npeers:\nlisteners:\ndiscovery:\nnetwork_namespaces:\n");
  expect_defaults("poll: {}\npeers: []\nlisteners: []\ndiscovery: {}\nnetwork_namespaces: []\n");
  expect_defaults("poll: ~\npeers: null\n");
}

TEST(Parse, ReadsEveryKey) {
  const Config config = parse_good(R"(
poll:
  interval: 500ms
  max_cpu: 0.5%
peers:
  - name: tomcat
    match: [{address: 127.0.0.1, port: 8080}, {address: "::1", port: "8080"}]
  - name: db
    match: [{host: orders.example.internal, port: 5432}, {host: db.}]
  - name: external-api
    match:
      - address: 203.0.113.0/24
        port: 443-444
listeners:
  - name: nginx
    match: [{port: 80}, {address: 10.0.0.0/8}]
discovery:
  max_peers: 1000
headroom:
  audit: true
  audit_interval: 15m
network_namespaces:
  - {name: app, path: /run/netns/app}
  - discover: true
    max: 256
  - {path: /proc/1/ns/net, name: "10.0.0.1:80"}
)");
  EXPECT_EQ(config.max_cpu, 0.005);
  ASSERT_THAT(config.network_namespaces, SizeIs(2));
  EXPECT_EQ(config.network_namespaces[0].name, "app");
  EXPECT_EQ(config.network_namespaces[0].path, "/run/netns/app");
  EXPECT_EQ(config.network_namespaces[1].name, "10.0.0.1:80");
  ASSERT_TRUE(config.namespace_discovery);
  EXPECT_EQ(config.namespace_discovery->max, 256u);
  EXPECT_TRUE(config.audit);
  EXPECT_EQ(config.audit_interval, 15min);
  EXPECT_EQ(config.poll_interval, 500ms);
  EXPECT_EQ(config.max_peers, 1000u);
  ASSERT_THAT(config.peers, SizeIs(3));
  EXPECT_EQ(config.peers[0].name, "tomcat");
  ASSERT_THAT(config.peers[0].match, SizeIs(2));
  EXPECT_EQ(config.peers[0].match[0].addresses, inet::Cidr::parse("127.0.0.1"));
  EXPECT_EQ(config.peers[0].match[0].ports, (inet::PortRange{8080, 8080}));
  EXPECT_EQ(config.peers[0].match[1].addresses, inet::Cidr::parse("::1"));
  EXPECT_THAT(config.peers[0].match[1].host, IsEmpty());
  ASSERT_THAT(config.peers[1].match, SizeIs(2));
  EXPECT_EQ(config.peers[1].match[0].host, "orders.example.internal");
  EXPECT_FALSE(config.peers[1].match[0].addresses.has_value());
  EXPECT_EQ(config.peers[1].match[0].ports, (inet::PortRange{5432, 5432}));
  EXPECT_EQ(config.peers[1].match[1].host, "db.");
  EXPECT_EQ(config.peers[2].match[0].addresses, inet::Cidr::parse("203.0.113.0/24"));
  EXPECT_EQ(config.peers[2].match[0].ports, (inet::PortRange{443, 444}));
  ASSERT_THAT(config.listeners, SizeIs(1));
  EXPECT_FALSE(config.listeners[0].match[0].addresses.has_value());
  EXPECT_FALSE(config.listeners[0].match[1].ports.has_value());
}

TEST(Parse, KeepsTheOrderOfRules) {
  const Config config =
      parse_good("peers:\n- {name: z, match: [{port: 1}]}\n- {name: a, match: [{port: 1}]}\n");
  EXPECT_EQ(inet::first_match(config.peers, endpoint("10.0.0.1", 1)), 0u);
  EXPECT_EQ(config.peers[0].name, "z");
}

TEST(Parse, AcceptsJson) {
  EXPECT_EQ(parse_good(R"({"poll": {"interval": "1m"}, "discovery": {"max_peers": 0}})").max_peers,
            0u);
}

TEST(Parse, AcceptsAByteOrderMarkAndLineEndsOfWindows) {
  EXPECT_EQ(parse_good("\xef\xbb\xbfpoll:\r\n  interval: 1s\r\n").poll_interval, 1s);
}

TEST(Parse, AcceptsAFileWithoutALastLineBreak) {
  EXPECT_EQ(parse_good("poll: {interval: 1s}").poll_interval, 1s);
  EXPECT_EQ(parse_good("poll: {interval: '1s'}").poll_interval, 1s);
  EXPECT_EQ(parse_good("poll:\n  interval: 1s # often").poll_interval, 1s);
}

TEST(Parse, AcceptsOneExplicitDocument) {
  EXPECT_EQ(parse_good("---\npoll: {interval: 1s}\n...\n").poll_interval, 1s);
}

TEST(Parse, AcceptsAnchorsAndAliases) {
  const Config config = parse_good(
      "peers:\n- {name: a, match: &m [{port: 1}]}\n- {name: b, match: *m}\nlisteners:\n"
      "- {name: &n c, match: *m}\ndiscovery: &d\npoll: *d\n");
  EXPECT_TRUE(config.peers[1].matches(endpoint("10.0.0.1", 1)));
  EXPECT_EQ(config.listeners[0].name, "c");
}

TEST(Parse, AcceptsTagsThatSayNothingNew) {
  const Config config = parse_good(
      "!!map\npeers: !!seq\n- {name: !!str a, match: [{port: !!int 80}, {port: ! 81}]}\n");
  EXPECT_THAT(config.peers[0].match, SizeIs(2));
}

TEST(Parse, AcceptsNamesThatOnlyResembleDiscoveredOnes) {
  for (const char* const name : {"web:80", "10.0.0.1", "10.0.0.1:http", "::1:80", "*", "*:", ":80",
                                 "10.0.0.1:0", "[::1]", "8080", "true", "Other", "zürich db"}) {
    SCOPED_TRACE(name);
    const std::string yaml = "peers: [{name: \"" + std::string(name) + "\", match: [{port: 1}]}]\n";
    EXPECT_EQ(parse_good(yaml).peers.at(0).name, name);
  }
}

TEST(Parse, AcceptsOtherAsAListener) {
  EXPECT_EQ(parse_good("listeners: [{name: other, match: [{port: 1}]}]").listeners[0].name,
            "other");
}

TEST(Parse, AcceptsOneNameInBothLists) {
  parse_good(
      "peers: [{name: a, match: [{port: 1}]}]\nlisteners: [{name: a, match: [{port: 1}]}]\n");
}

TEST(Parse, NamespacesAreDiscoveredOnlyIfItSaysSo) {
  EXPECT_FALSE(parse_good("network_namespaces: [{name: a, path: /a}]").namespace_discovery);
  EXPECT_FALSE(parse_good("network_namespaces: [{discover: false, max: 5}]").namespace_discovery);
  const Config config = parse_good("network_namespaces: [{discover: true}]");
  ASSERT_TRUE(config.namespace_discovery);
  EXPECT_EQ(config.namespace_discovery->max, 16u);
}

TEST(Parse, SaysWhatIsAllowed) {
  EXPECT_THAT(problems_of("poll: {interval: 5}\n"),
              ElementsAre("c.yml:1:18: poll.interval: \"5\" has no unit "
                          "(allowed: 100ms to 60s, such as 500ms, 5s or 1m)"));
  EXPECT_THAT(problems_of("poll:\n  intervall: 5s\n"),
              ElementsAre("c.yml:2:3: poll.intervall: unknown key, did you mean \"interval\"? "
                          "(allowed: interval, max_cpu)"));
  EXPECT_THAT(problems_of("discovery: [5]\n"),
              ElementsAre("c.yml:1:12: discovery: a list where a map is expected "
                          "(allowed: a map with max_peers)"));
  EXPECT_THAT(problems_of("a: 1\na: {b: [}\n"),
              ElementsAre("c.yml:2:9: syntax: a closing bracket without its opening one"));
  EXPECT_THAT(problems_of("- a\n"),
              ElementsAre("c.yml:1:1: a list where a map is expected "
                          "(allowed: a map with poll, peers, listeners, discovery, headroom, "
                          "network_namespaces)"));
  EXPECT_THAT(problems_of("poll: {max_cpu: 5}\n"),
              ElementsAre("c.yml:1:17: poll.max_cpu: \"5\" is more than 1 and has no % "
                          "(allowed: above 0, to 100%, such as 5%, 0.5% or 0.05)"));
  EXPECT_THAT(problems_of("network_namespaces: [{}]\n"),
              ElementsAre("c.yml:1:22: network_namespaces[0]: has no path and no discover "
                          "(allowed: either {name, path} or {discover, max})"));
}

TEST(Parse, SaysWhatIsAllowedOfAHost) {
  EXPECT_THAT(
      problems_of("peers: [{name: a, match: [{host: 10.0.0.1}]}]\n"),
      ElementsAre("c.yml:1:34: peers[0].match[0].host: \"10.0.0.1\" is an IP address, which "
                  "the key address is for (allowed: a host name, such as db.example.com)"));
  EXPECT_THAT(problems_of("peers: [{name: a, match: [{host: db, address: 10.0.0.1}]}]\n"),
              ElementsAre("c.yml:1:34: peers[0].match[0].host: stands beside address "
                          "(allowed: one of the two)"));
  EXPECT_THAT(problems_of("listeners: [{name: a, match: [{host: db, port: 1}]}]\n"),
              ElementsAre("c.yml:1:32: listeners[0].match[0].host: unknown key "
                          "(allowed: address, port)"));
}

TEST(Parse, ReportsEveryProblemInFileOrder) {
  EXPECT_THAT(problems_of(R"(discovery: {max_peers: -1}
peers:
  - match: [{port: 0, address: 10.0.0.1/8}, {}]
  - {name: db, match: [{port: 1}]}
  - {name: db, match: []}
poll:
  interval: 61s
  interval: 5s
)"),
              ElementsAre("c.yml:1:24: discovery.max_peers: \"-1\" is not a whole number "
                          "(allowed: an integer, 0 to 1000)",
                          "c.yml:3:5: peers[0].name: is missing (allowed: 1 to 128 bytes of text, "
                          "not ADDRESS:PORT, not \"other\")",
                          "c.yml:3:20: peers[0].match[0].port: \"0\" is out of range "
                          "(allowed: a port or a range, 1 to 65535, such as 443 or 443-444)",
                          "c.yml:3:32: peers[0].match[0].address: \"10.0.0.1/8\" has bits set "
                          "beyond its prefix: the network is 10.0.0.0/8 (allowed: an IP address or "
                          "network, such as 127.0.0.1, \"::1\" or 203.0.113.0/24)",
                          "c.yml:3:45: peers[0].match[1]: matches nothing "
                          "(allowed: address or host, port, or both)",
                          "c.yml:5:12: peers[2].name: \"db\" is already the name on line 4 "
                          "(each name is allowed once)",
                          "c.yml:5:23: peers[2].match: is empty "
                          "(allowed: a list of {address or host, port}, at least one)",
                          "c.yml:7:13: poll.interval: \"61s\" is too long "
                          "(allowed: 100ms to 60s, such as 500ms, 5s or 1m)",
                          "c.yml:8:3: poll.interval: duplicate key, first on line 7 "
                          "(each key is allowed once)"));
}

// One slip, one problem: a misspelt key is not missing as well.
TEST(Parse, AMisspeltKeyIsNotMissing) {
  EXPECT_THAT(problems_of("peers: [{nmae: a, matc: [{port: 1}]}]\n"), SizeIs(2));
  EXPECT_THAT(problems_of("peers: [{name: a, match: [{prot: 1}]}]\n"), SizeIs(1));
}

// 400 aliases of a list of 400 matchers stand for 160000 matchers.
TEST(Parse, StopsWhenAliasesRepeatTooMuch) {
  std::string yaml = "peers:\n- {name: n, match: &m [";
  for (int i = 0; i < 400; ++i) yaml += "{port: 1}, ";
  yaml += "]}\n";
  for (int i = 0; i < 400; ++i) yaml += "- {name: n" + std::to_string(i) + ", match: *m}\n";
  yaml += "- {name: last, match: [{port: 0}]}\n";  // not reached
  const std::vector<std::string> problems = problems_of(yaml);
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_THAT(problems[0],
              testing::EndsWith("aliases repeat too much (100000 values are allowed)"));
}

// 20000 aliases of a map of 2000 unknown keys stand for 40 million problems.
TEST(Parse, StopsWhenAliasesRepeatProblemsTooMuch) {
  std::string yaml = "peers:\n- &m {";
  for (int i = 0; i < 2000; ++i) yaml += std::to_string(i) + ": 1, ";
  yaml += "}\n";
  for (int i = 0; i < 20000; ++i) yaml += "- *m\n";
  EXPECT_THAT(problems_of(yaml), SizeIs(testing::Le(100'100u)));
}

TEST(Parse, AcceptsAThousandPeers) {
  std::string yaml = "peers:\n";
  for (int i = 0; i < 1000; ++i) {
    yaml += "- {name: n" + std::to_string(i) + ", match: [{address: 10.0.0.1, port: 1}]}\n";
  }
  EXPECT_THAT(parse_good(yaml).peers, SizeIs(1000));
}

}  // namespace
}  // namespace timewait::config
