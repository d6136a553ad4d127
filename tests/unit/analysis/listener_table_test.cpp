#include "analysis/listener_table.h"

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "made_sockets.h"

namespace timewait::analysis {
namespace {

std::string owner(ListenerTable& table, std::string_view address, int port) {
  const ListenerTally* const found = table.find(endpoint(address, port));
  return found == nullptr ? "none" : found->name;
}

TEST(ListenerTable, ExactBeforeWildcard) {
  ListenerTable table({});
  table.add_listener(listener_on("0.0.0.0", 80));
  table.add_listener(listener_on("10.0.0.1", 80));
  EXPECT_EQ(owner(table, "10.0.0.1", 80), "10.0.0.1:80");
  EXPECT_EQ(owner(table, "10.0.0.2", 80), "*:80");
  EXPECT_EQ(owner(table, "10.0.0.1", 81), "none");
  EXPECT_EQ(owner(table, "2001:db8::1", 80), "none");
}

TEST(ListenerTable, TheIpv6WildcardTakesIpv4) {
  ListenerTable table({});
  table.add_listener(listener_on("::", 80));
  EXPECT_EQ(owner(table, "10.0.0.1", 80), "*:80");
  EXPECT_EQ(owner(table, "::1", 80), "*:80");
}

TEST(ListenerTable, UnlessItIsIpv6Only) {
  ListenerTable table({});
  reading::SocketRecord ipv6_only = listener_on("::", 80);
  ipv6_only.ipv6_only = true;
  table.add_listener(ipv6_only);
  EXPECT_EQ(owner(table, "10.0.0.1", 80), "none");
  EXPECT_EQ(owner(table, "::1", 80), "*:80");
}

TEST(ListenerTable, ListenersOfOneNameAreSummed) {
  ListenerTable table({});
  reading::SocketRecord listener = listener_on("127.0.0.1", 80);
  listener.accept_queue = 2;
  listener.accept_queue_limit = 10;
  table.add_listener(listener);
  table.add_listener(listener);
  ASSERT_EQ(table.tallies().size(), 1u);
  EXPECT_EQ(table.tallies()[0].accept_queue, 4u);
  EXPECT_EQ(table.tallies()[0].accept_queue_limit, 20u);

  table.add_listener(listener_on("0.0.0.0", 81));
  table.add_listener(listener_on("::", 81));
  EXPECT_EQ(table.tallies().size(), 2u);
}

// A sum of some of the limits would say that a queue is full which is not.
TEST(ListenerTable, ALimitThatIsNotKnownOfAllIsAbsent) {
  ListenerTable table({});
  reading::SocketRecord listener = listener_on("127.0.0.1", 80);
  listener.accept_queue_limit = 10;
  table.add_listener(listener);
  listener.accept_queue_limit.reset();
  table.add_listener(listener);
  listener.accept_queue_limit = 10;
  table.add_listener(listener);
  ASSERT_EQ(table.tallies().size(), 1u);
  EXPECT_EQ(table.tallies()[0].accept_queue_limit, std::nullopt);
}

reading::SocketRecord waiting_on(int port, std::uint32_t queue, std::uint32_t limit) {
  reading::SocketRecord listener = listener_on("127.0.0.1", port);
  listener.accept_queue = queue;
  listener.accept_queue_limit = limit;
  return listener;
}

TEST(ListenerTable, TheFullestQueueIsOneSockets) {
  ListenerTable table({{"web", {{std::nullopt, inet::PortRange{80, 89}}}}});
  const auto fullest = [&] {
    const AcceptQueue queue = table.tallies()[0].fullest_queue.value();
    return std::pair(queue.waiting, queue.limit);
  };
  EXPECT_EQ(table.tallies()[0].fullest_queue, std::nullopt);
  table.add_listener(waiting_on(80, 100, 4'096));
  table.add_listener(waiting_on(81, 6, 5));
  table.add_listener(waiting_on(81, 0, 5));
  EXPECT_EQ(fullest(), std::pair(6u, 5u));
  table.add_listener(listener_on("127.0.0.1", 82));  // nothing is known of its limit
  EXPECT_EQ(fullest(), std::pair(6u, 5u));
  EXPECT_EQ(table.tallies()[0].listening_sockets, 4u);
}

// "the limit is reached" is not "full": one more finds room.
TEST(ListenerTable, AQueueIsFullBeyondItsLimit) {
  EXPECT_FALSE((AcceptQueue{5, 5}.is_full()));
  EXPECT_LT((AcceptQueue{5, 5}.share()), 1);
  EXPECT_TRUE((AcceptQueue{6, 5}.is_full()));
  EXPECT_EQ((AcceptQueue{6, 5}.share()), 1);
}

TEST(ListenerTable, TheExportersOwnQueueDoesNotCount) {
  ListenerTable table({{"all", {{std::nullopt, inet::PortRange{80, 89}}}}},
                      {endpoint("127.0.0.1", 80)});
  table.add_listener(waiting_on(80, 6, 5));
  EXPECT_EQ(table.tallies()[0].fullest_queue, std::nullopt);
  table.add_listener(waiting_on(81, 1, 5));
  EXPECT_EQ(table.tallies()[0].fullest_queue->waiting, 1u);
}

TEST(ListenerTable, ConfiguredNamesAreAlwaysThere) {
  ListenerTable table({{"web", {{std::nullopt, inet::PortRange{80, 81}}}},
                       {"absent", {{std::nullopt, inet::PortRange{99, 99}}}}});
  table.add_listener(listener_on("10.0.0.1", 81));
  table.add_listener(listener_on("10.0.0.1", 82));
  EXPECT_EQ(owner(table, "10.0.0.1", 81), "web");
  EXPECT_EQ(owner(table, "10.0.0.1", 82), "10.0.0.1:82");
  table.clear();
  ASSERT_EQ(table.tallies().size(), 2u);
  EXPECT_EQ(table.tallies()[0].name, "web");
  EXPECT_EQ(table.tallies()[1].name, "absent");
  EXPECT_EQ(table.tallies()[1].accept_queue_limit, 0u);
  EXPECT_EQ(owner(table, "10.0.0.1", 81), "none");
}

TEST(ListenerTable, ToldApartIsWhatTheExporterListensOn) {
  ListenerTable table({}, {endpoint("::", 10048), endpoint("127.0.0.1", 9001)});
  table.add_listener(listener_on("::", 10048));
  table.add_listener(listener_on("127.0.0.1", 9001));
  table.add_listener(listener_on("127.0.0.2", 9001));
  table.add_listener(listener_on("127.0.0.1", 10048));
  std::vector<std::string> own;
  for (const ListenerTally& tally : table.tallies()) {
    EXPECT_NE(tally.has_own, tally.has_others) << tally.name;
    if (tally.has_own) own.push_back(tally.name);
  }
  EXPECT_THAT(own, testing::ElementsAre("*:10048", "127.0.0.1:9001"));
}

TEST(ListenerTable, ANameMayBeTheExportersAndOfOthersToo) {
  ListenerTable table({{"web", {{std::nullopt, inet::PortRange{80, 81}}}}}, {endpoint("::", 80)});
  table.add_listener(listener_on("::", 80));
  EXPECT_FALSE(table.tallies()[0].has_others);
  table.add_listener(listener_on("::", 81));
  EXPECT_TRUE(table.tallies()[0].has_own);
  EXPECT_TRUE(table.tallies()[0].has_others);
}

TEST(ListenerTable, PortsAreThoseOfItsSockets) {
  ListenerTable table({{"web", {{std::nullopt, inet::PortRange{80, 81}}}}});
  table.add_listener(listener_on("0.0.0.0", 80));
  table.add_listener(listener_on("::", 81));
  EXPECT_THAT(table.tallies()[0].ports, testing::ElementsAre(80, 81));
}

TEST(ListenerTable, AFormerListenerOwnsButIsNoSocket) {
  ListenerTable table({{"web", {{std::nullopt, inet::PortRange{80, 80}}}}});
  table.add_former(endpoint("10.0.0.1", 80), false);
  table.add_former(endpoint("::", 81), false);
  table.add_former(endpoint("::", 82), true);
  EXPECT_EQ(owner(table, "10.0.0.1", 80), "web");
  EXPECT_EQ(owner(table, "10.0.0.2", 80), "none");
  EXPECT_EQ(owner(table, "10.0.0.2", 81), "*:81");
  EXPECT_EQ(owner(table, "10.0.0.2", 82), "none");
  EXPECT_EQ(owner(table, "::1", 82), "*:82");
  EXPECT_EQ(table.tallies()[0].listening_sockets, 0u);
  EXPECT_TRUE(table.tallies()[0].ports.empty());
}

// A connection accepted now is the present listener's, whatever listened there before.
TEST(ListenerTable, WhoListensNowGoesBeforeAFormerListener) {
  ListenerTable table({});
  table.add_listener(listener_on("0.0.0.0", 80));
  table.add_listener(listener_on("10.0.0.1", 81));
  table.add_former(endpoint("10.0.0.1", 80), false);
  table.add_former(endpoint("0.0.0.0", 81), false);
  EXPECT_EQ(owner(table, "10.0.0.1", 80), "*:80");
  EXPECT_EQ(owner(table, "10.0.0.1", 81), "10.0.0.1:81");
  EXPECT_EQ(owner(table, "10.0.0.2", 81), "*:81");
}

TEST(ListenerTable, ManyAddressesAtAPort) {
  ListenerTable table({});
  for (int i = 0; i < 300; ++i) {
    const std::string address = "10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256);
    table.add_listener(listener_on(address, 80));
    EXPECT_EQ(owner(table, address, 80), address + ":80");
    EXPECT_EQ(owner(table, "10.0.0.0", 80), "10.0.0.0:80");
    EXPECT_EQ(owner(table, "10.1.0.0", 80), "none");
  }
  table.add_listener(listener_on("::", 80));
  EXPECT_EQ(owner(table, "10.0.1.43", 80), "10.0.1.43:80");
  EXPECT_EQ(owner(table, "10.1.0.0", 80), "*:80");
}

// The rules of `inet_lookup_listener` said plainly: all sockets are looked through, one
// precedence after the other.
std::string expected_owner(const std::vector<reading::SocketRecord>& listeners,
                           const inet::Endpoint& local) {
  const auto listens_on = [&](const inet::Address& address, bool takes_ipv4) {
    return std::any_of(listeners.begin(), listeners.end(), [&](const auto& socket) {
      return socket.local == inet::Endpoint{address, local.port} &&
             (!takes_ipv4 || !socket.ipv6_only);
    });
  };
  if (listens_on(local.address, false)) return local.to_string();
  const std::string wildcard = "*:" + std::to_string(local.port);
  if (!local.address.is_ipv4()) return listens_on(inet::kAnyIpv6, false) ? wildcard : "none";
  if (listens_on(inet::kAnyIpv4, false)) return "any IPv4";
  return listens_on(inet::kAnyIpv6, true) ? wildcard : "none";
}

// Few addresses and ports, so that most of the bindings meet; one address of each kind that
// nothing listens on.
TEST(ListenerTable, AnyBindingsAreFoundInTheirOrder) {
  std::mt19937 random(1);
  const auto below = [&](std::size_t bound) { return random() % bound; };
  std::vector<std::string> addresses{"0.0.0.0", "::", "0.0.0.0", "::", "fe80::1", "::1"};
  for (int i = 0; i < 12; ++i) addresses.push_back("10.0.0." + std::to_string(i));
  // A name of its own, to tell the two wildcards apart.
  ListenerTable table({{"any IPv4", {{inet::Cidr::parse("0.0.0.0/32").value(), std::nullopt}}}});
  for (int round = 0; round < 2'000; ++round) {
    table.clear();
    std::vector<reading::SocketRecord> listeners(below(40));
    for (reading::SocketRecord& listener : listeners) {
      listener = listener_on(addresses[below(addresses.size())], 80 + int(below(3)));
      listener.ipv6_only = !listener.local.address.is_ipv4() && below(2) == 0;
      table.add_listener(listener);
    }
    for (const std::string& address : addresses) {
      for (const char* other : {"192.0.2.1", "2001:db8::1", address.c_str()}) {
        const inet::Endpoint local = endpoint(other, 80 + int(below(4)));
        if (local.address.is_unspecified()) continue;  // no connection has such an end
        ASSERT_EQ(owner(table, other, local.port), expected_owner(listeners, local)) << other;
      }
    }
  }
}

}  // namespace
}  // namespace timewait::analysis
