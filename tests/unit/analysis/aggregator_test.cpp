#include "analysis/aggregator.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "made_sockets.h"

namespace timewait::analysis {
namespace {

using inet::TcpState;
using reading::SocketRecord;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

reading::TcpSettings ten_ports() {
  reading::TcpSettings settings;
  settings.ephemeral_ports = {40000, 40009};
  settings.tw_reuse = 2;
  return settings;
}

class AggregatorTest : public testing::Test {
 protected:
  Snapshot poll(const std::vector<SocketRecord>& sockets,
                const reading::TcpSettings& settings = ten_ports()) {
    aggregator_.begin(settings, audited_ports_);
    aggregator_.add(sockets);
    return aggregator_.finish(counters_, time_);
  }

  Aggregator aggregator_{Rules{}};
  reading::TcpCounters counters_;
  inet::PortSet audited_ports_;
  PollOrigin time_;
};

TEST_F(AggregatorTest, BothEndsOnThisHost) {
  const inet::Endpoint client = endpoint("127.0.0.1", 40001);
  const inet::Endpoint server = endpoint("127.0.0.1", 8080);
  const Snapshot snapshot =
      poll({listener_on("127.0.0.1", 8080), socket_in(TcpState::kEstablished, client, server),
            socket_in(TcpState::kEstablished, server, client)});
  ASSERT_EQ(snapshot.discovered_peers.size(), 1u);
  EXPECT_EQ(snapshot.discovered_peers[0].name, "127.0.0.1:8080");
  EXPECT_EQ(snapshot.discovered_peers[0].group.sockets[TcpState::kEstablished], 1u);
  EXPECT_EQ(snapshot.discovered_peers[0].headroom.used, 1u);
  ASSERT_EQ(snapshot.listeners.size(), 1u);
  EXPECT_EQ(snapshot.listeners[0].group.sockets[TcpState::kEstablished], 1u);
  EXPECT_EQ(snapshot.sockets_read, 3u);
}

TEST_F(AggregatorTest, HeldPortsAreNoCapacity) {
  reading::TcpSettings settings = ten_ports();
  settings.reserved_ports.insert(40000);
  const inet::Endpoint server = endpoint("10.0.0.9", 80);
  const Snapshot snapshot =
      poll({listener_on("127.0.0.1", 40001), listener_on("::1", 40001), listener_on("::", 80),
            listener_on("::", 40000), socket_in(TcpState::kClose, endpoint("::1", 40002)),
            socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 40002), server),
            socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 40003), server),
            socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 50000), server)},
           settings);
  EXPECT_EQ(snapshot.ephemeral_ports, 10u);
  EXPECT_EQ(snapshot.ephemeral_ports_reserved, 1u);
  EXPECT_EQ(snapshot.ephemeral_ports_bound, 2u);
  ASSERT_EQ(snapshot.discovered_peers.size(), 1u);
  EXPECT_EQ(snapshot.discovered_peers[0].headroom.capacity, 7u);
  EXPECT_EQ(snapshot.discovered_peers[0].headroom.used, 1u);
  EXPECT_EQ(snapshot.discovered_peers[0].group.sockets[TcpState::kEstablished], 3u);
}

TEST_F(AggregatorTest, AuditedPortsAreNoCapacityEither) {
  const inet::Endpoint server = endpoint("10.0.0.9", 80);
  audited_ports_.insert(40001);
  const Snapshot snapshot =
      poll({socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 40001), server),
            socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 40002), server)});
  EXPECT_EQ(snapshot.ephemeral_ports_bound, 1u);
  EXPECT_EQ(snapshot.discovered_peers.at(0).headroom.capacity, 9u);
  EXPECT_EQ(snapshot.discovered_peers.at(0).headroom.used, 1u);
}

TEST_F(AggregatorTest, AuditCandidatesArePortsThatOutboundSocketsUse) {
  audited_ports_.insert(40001);
  const inet::Endpoint server = endpoint("10.0.0.9", 80);
  poll({listener_on("127.0.0.1", 40005), listener_on("127.0.0.1", 80),
        socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 40001), server),
        socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 40002), server),
        socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 40005), server),
        socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 50000), server),
        socket_in(TcpState::kEstablished, endpoint("127.0.0.1", 80), endpoint("10.0.0.9", 40003))});
  const inet::PortSet candidates = aggregator_.audit_candidates();
  EXPECT_EQ(candidates.size(), 2u);
  EXPECT_TRUE(candidates.contains(40001));
  EXPECT_TRUE(candidates.contains(40002));
  poll({});
  EXPECT_EQ(aggregator_.audit_candidates().size(), 0u);
}

TEST_F(AggregatorTest, ReusableIsOfTheUsed) {
  const inet::Endpoint server = endpoint("127.0.0.1", 80);
  const Snapshot snapshot =
      poll({time_wait_aged(seconds(5), endpoint("127.0.0.1", 40001), server),
            time_wait_aged(milliseconds(5), endpoint("127.0.0.1", 40002), server),
            time_wait_aged(seconds(5), endpoint("127.0.0.1", 50001), server)});
  const Headroom headroom = snapshot.discovered_peers.at(0).headroom;
  EXPECT_EQ(headroom.used, 2u);
  EXPECT_EQ(headroom.reusable, 1u);
}

TEST_F(AggregatorTest, LinkLocalPeersBehindTwoInterfacesAreTwoPools) {
  SocketRecord socket =
      socket_in(TcpState::kEstablished, endpoint("fe80::1", 40001), endpoint("fe80::9", 80));
  socket.interface = 2;
  SocketRecord other = socket;
  other.interface = 3;
  const Snapshot snapshot = poll({socket, other});
  ASSERT_EQ(snapshot.discovered_peers.size(), 1u);
  EXPECT_EQ(snapshot.discovered_peers[0].pools, 2u);
  EXPECT_EQ(snapshot.discovered_peers[0].headroom.used, 1u);
}

TEST_F(AggregatorTest, ADeviceMakesNoPoolOfItsOwn) {
  SocketRecord socket =
      socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 40001), endpoint("10.0.0.9", 80));
  SocketRecord other =
      socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 40002), endpoint("10.0.0.9", 80));
  other.interface = 3;
  EXPECT_EQ(poll({socket, other}).discovered_peers.at(0).headroom.used, 2u);
}

TEST_F(AggregatorTest, CountersGoOnFromPollToPoll) {
  const inet::Endpoint server = endpoint("127.0.0.1", 80);
  SocketRecord first = time_wait_aged(seconds(5), endpoint("127.0.0.1", 40001), server);
  first.cookie = 1;
  EXPECT_EQ(poll({first}).discovered_peers.at(0).group.time_wait_entered, 1u);

  first.time_wait_left -= seconds(10);
  SocketRecord second = time_wait_aged(seconds(2), endpoint("127.0.0.1", 40002), server);
  second.cookie = 2;
  const Snapshot snapshot = poll({first, second});
  EXPECT_EQ(snapshot.discovered_peers.at(0).group.time_wait_entered, 2u);
}

TEST_F(AggregatorTest, AFailedPollLeavesNoTrace) {
  const inet::Endpoint server = endpoint("127.0.0.1", 80);
  const std::vector<SocketRecord> sockets = {
      listener_on("127.0.0.1", 40005),
      time_wait_aged(seconds(5), endpoint("127.0.0.1", 40001), server)};
  aggregator_.begin(ten_ports(), {});
  aggregator_.add(sockets);  // and the dump breaks off
  const Snapshot snapshot = poll({sockets[1]});
  EXPECT_EQ(snapshot.sockets_read, 1u);
  EXPECT_EQ(snapshot.discovered_peers.at(0).group.time_wait_entered, 1u);
  EXPECT_EQ(snapshot.discovered_peers.at(0).headroom.capacity, 10u);
  EXPECT_TRUE(snapshot.listeners.empty());
}

// As while a server restarts.
TEST_F(AggregatorTest, ConnectionsOutliveTheirListener) {
  const SocketRecord left =
      time_wait_aged(seconds(5), endpoint("127.0.0.1", 8080), endpoint("127.0.0.1", 40001));
  poll({listener_on("0.0.0.0", 8080), left});
  for (int i = 0; i < 2; ++i) {
    const Snapshot snapshot = poll({left});
    ASSERT_EQ(snapshot.listeners.size(), 1u);
    EXPECT_EQ(snapshot.listeners[0].name, "*:8080");
    EXPECT_EQ(snapshot.listeners[0].listening_sockets, 0u);
    EXPECT_EQ(snapshot.listeners[0].group.sockets[TcpState::kTimeWait], 1u);
    EXPECT_EQ(snapshot.listeners[0].group.time_wait_entered, 1u);
    EXPECT_TRUE(snapshot.discovered_peers.empty());
  }
}

TEST_F(AggregatorTest, AListenerIsForgottenWithItsLastConnection) {
  const SocketRecord socket =
      socket_in(TcpState::kEstablished, endpoint("127.0.0.1", 8080), endpoint("127.0.0.1", 40001));
  poll({listener_on("127.0.0.1", 8080), socket});
  EXPECT_TRUE(poll({}).listeners.empty());
  EXPECT_EQ(poll({socket}).discovered_peers.size(), 1u);  // somebody bound the port to connect
}

// connect() may have taken the port since.
TEST_F(AggregatorTest, AFormerListenerOnAnEphemeralPortCountsForNothing) {
  const SocketRecord socket =
      socket_in(TcpState::kEstablished, endpoint("127.0.0.1", 40003), endpoint("127.0.0.1", 40001));
  const SocketRecord listener = listener_on("127.0.0.1", 40003);
  poll({listener, socket});
  EXPECT_TRUE(poll({socket}).listeners.empty());
  reading::TcpSettings settings = ten_ports();
  settings.reserved_ports.insert(40003);
  poll({listener, socket}, settings);
  EXPECT_EQ(poll({socket}, settings).listeners.size(), 1u);
}

TEST_F(AggregatorTest, AFailedPollForgetsNoFormerListener) {
  const SocketRecord socket =
      socket_in(TcpState::kEstablished, endpoint("127.0.0.1", 8080), endpoint("127.0.0.1", 40001));
  poll({listener_on("127.0.0.1", 8080), socket});
  aggregator_.begin(ten_ports(), {});  // and the dump breaks off
  EXPECT_TRUE(poll({socket}).discovered_peers.empty());
}

TEST_F(AggregatorTest, TheKernelsTimeWaitFigureGoesFirst) {
  const std::vector<SocketRecord> sockets = {
      time_wait_aged(seconds(5), endpoint("127.0.0.1", 40001), endpoint("127.0.0.1", 80))};
  EXPECT_EQ(poll(sockets).time_wait_sockets, 1u);
  counters_.time_wait_sockets = 7;
  EXPECT_EQ(poll(sockets).time_wait_sockets, 7u);
}

TEST_F(AggregatorTest, OnceFoldedAlwaysThere) {
  aggregator_ = Aggregator(Rules{{}, {}, 0});
  EXPECT_FALSE(poll({}).other.has_value());
  const SocketRecord socket =
      socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 40001), endpoint("10.0.0.9", 80));
  EXPECT_EQ(poll({socket}).other.value().sockets.total(), 1u);
  EXPECT_EQ(poll({}).other.value().sockets.total(), 0u);
}

TEST_F(AggregatorTest, ADiscoveredPeerStaysForAWhileWithoutSockets) {
  const inet::Endpoint server = endpoint("10.0.0.9", 80);
  poll({time_wait_aged(seconds(5), endpoint("10.0.0.1", 40001), server)});
  time_.steady += minutes(9);
  const Snapshot idle = poll({});
  ASSERT_EQ(idle.discovered_peers.size(), 1u);
  EXPECT_EQ(idle.discovered_peers[0].name, "10.0.0.9:80");
  EXPECT_EQ(idle.discovered_peers[0].group.time_wait_entered, 1u);
  EXPECT_EQ(idle.discovered_peers[0].group.sockets.total(), 0u);
  EXPECT_EQ(idle.discovered_peers[0].headroom.effective_ratio(), 1.0);
  EXPECT_TRUE(std::isinf(idle.discovered_peers[0].exhaustion_seconds));
  EXPECT_FALSE(idle.other.has_value());
  time_.steady += minutes(1);
  EXPECT_TRUE(poll({}).discovered_peers.empty());
}

TEST_F(AggregatorTest, NewRulesKeepTheCountersOfNamesThatStay) {
  const inet::NamedRule database = {"database", {{inet::Cidr::parse("10.0.0.9/32"), std::nullopt}}};
  const inet::NamedRule web = {"web", {{std::nullopt, inet::PortRange{443, 443}}}};
  aggregator_ = Aggregator(Rules{{database}, {web}, 20});
  std::vector<SocketRecord> sockets = {
      listener_on("::", 443),
      time_wait_aged(seconds(5), endpoint("10.0.0.1", 40001), endpoint("10.0.0.9", 80)),
      time_wait_aged(seconds(5), endpoint("10.0.0.1", 40001), endpoint("10.0.0.8", 80)),
      time_wait_aged(seconds(5), endpoint("10.0.0.1", 443), endpoint("10.0.0.7", 40000))};
  for (std::size_t i = 0; i < sockets.size(); ++i) sockets[i].cookie = i;
  poll(sockets);

  const inet::NamedRule cache = {"cache", {{inet::Cidr::parse("10.0.0.8/32"), std::nullopt}}};
  aggregator_.set_rules(Rules{{cache, database}, {web}, 20});
  Snapshot snapshot = poll(sockets);
  ASSERT_EQ(snapshot.configured_peers.size(), 2u);
  EXPECT_EQ(snapshot.configured_peers[0].name, "cache");
  EXPECT_EQ(snapshot.configured_peers[0].group.sockets.total(), 1u);
  EXPECT_EQ(snapshot.configured_peers[0].group.time_wait_entered, 0u);  // a new name
  EXPECT_EQ(snapshot.configured_peers[1].group.time_wait_entered, 1u);
  EXPECT_TRUE(snapshot.discovered_peers.empty());
  EXPECT_EQ(snapshot.listeners.at(0).group.time_wait_entered, 1u);

  aggregator_.set_rules(Rules{{}, {}, 1});
  snapshot = poll(sockets);
  EXPECT_TRUE(snapshot.configured_peers.empty());
  EXPECT_EQ(snapshot.max_discovered_peers, 1u);
  EXPECT_EQ(snapshot.discovered_peers.size(), 1u);
  EXPECT_EQ(snapshot.other.value().sockets.total(), 1u);
  EXPECT_EQ(snapshot.listeners.at(0).name, "*:443");
}

TEST_F(AggregatorTest, APeersRatesAreThoseOfItsTightestPool) {
  const inet::Endpoint server = endpoint("127.0.0.9", 80);
  reading::TcpSettings settings;
  settings.tw_reuse = 0;
  std::vector<SocketRecord> sockets;
  const auto close_each_second = [&](const char* address, int count) {
    for (int i = 0; i < 20 * count; ++i) {
      const int port = 40000 + static_cast<int>(sockets.size());
      sockets.push_back(
          time_wait_aged(milliseconds(500 + 1'000 * (i / count)), endpoint(address, port), server));
      sockets.back().cookie = static_cast<std::uint64_t>(port);
    }
  };
  close_each_second("127.0.0.1", 1);
  close_each_second("127.0.0.2", 3);
  close_each_second("127.0.0.3", 2);
  const Snapshot snapshot = poll(sockets, settings);
  ASSERT_EQ(snapshot.discovered_peers.size(), 1u);
  const Peer& peer = snapshot.discovered_peers[0];
  EXPECT_EQ(peer.tightest->local, endpoint("127.0.0.2", 0).address);
  EXPECT_NEAR(peer.arrival_rate.value(), 3, 0.1);
  EXPECT_NEAR(peer.sustainable_rate.value(), 28'232 / 60.0, 0.01);
}

TEST_F(AggregatorTest, APeerWithoutAPoolHasNoRates) {
  aggregator_.set_rules({{{"db", {{inet::Cidr::parse("10.0.0.9/32"), std::nullopt}}}}, {}});
  const Snapshot snapshot = poll({});
  EXPECT_EQ(snapshot.configured_peers.at(0).arrival_rate, std::nullopt);
  EXPECT_EQ(snapshot.configured_peers.at(0).sustainable_rate, std::nullopt);
}

// What ends without TIME_WAIT leaves nothing to count.
TEST_F(AggregatorTest, ArrivalsAreNotKnownWhileTimeWaitOverflows) {
  const auto overflows_at = [this](seconds at, std::optional<std::uint64_t> overflow) {
    time_.steady = std::chrono::steady_clock::time_point(at);
    counters_.time_wait_overflow = overflow;
    const Snapshot snapshot =
        poll({time_wait_aged(seconds(30), endpoint("10.0.0.1", 40000), endpoint("10.0.0.9", 80))});
    EXPECT_EQ(snapshot.discovered_peers.at(0).arrival_rate.has_value(),
              !snapshot.time_wait_overflows);
    return snapshot.time_wait_overflows;
  };
  EXPECT_FALSE(overflows_at(seconds(100), 7));  // from before
  EXPECT_FALSE(overflows_at(seconds(105), 7));
  EXPECT_TRUE(overflows_at(seconds(110), 8));
  EXPECT_TRUE(overflows_at(seconds(124), 8));  // rates still lack what went uncounted
  EXPECT_FALSE(overflows_at(seconds(125), 8));
  EXPECT_FALSE(overflows_at(seconds(130), std::nullopt));
  EXPECT_FALSE(overflows_at(seconds(135), 9));  // since when, nobody knows
  EXPECT_TRUE(overflows_at(seconds(195), 10));
}

TEST_F(AggregatorTest, TheFullestAcceptQueueIsPublished) {
  SocketRecord listener = listener_on("127.0.0.1", 80);
  listener.accept_queue_limit = 5;
  SocketRecord stuck = listener;
  stuck.accept_queue = 6;
  const Snapshot snapshot = poll({listener, stuck, listener});
  ASSERT_EQ(snapshot.listeners.size(), 1u);
  EXPECT_EQ(snapshot.listeners[0].accept_queue_limit, 15u);
  EXPECT_EQ(snapshot.listeners[0].listening_sockets, 3u);
  EXPECT_TRUE(snapshot.listeners[0].fullest_queue.value().is_full());
}

TEST_F(AggregatorTest, ListenersOnPortsThatConnectWouldTake) {
  aggregator_.set_rules({{}, {{"all", {{inet::Cidr::parse("127.0.0.0/8"), std::nullopt}}}}});
  reading::TcpSettings settings = ten_ports();
  settings.reserved_ports.insert(40001);
  const Snapshot snapshot = poll({listener_on("127.0.0.1", 40009), listener_on("127.0.0.1", 40000),
                                  listener_on("127.0.0.2", 40000), listener_on("127.0.0.1", 40001),
                                  listener_on("127.0.0.1", 40010), listener_on("127.0.0.1", 80)},
                                 settings);
  ASSERT_EQ(snapshot.listeners.size(), 1u);
  EXPECT_EQ(snapshot.listeners[0].unreserved_ephemeral_ports,
            (std::vector<std::uint16_t>{40000, 40009}));
}

TEST_F(AggregatorTest, TheExportersOwnListener) {
  Rules rules;
  rules.listeners = {{"both", {{std::nullopt, inet::PortRange{80, 81}}}},
                     {"own", {{std::nullopt, inet::PortRange{82, 82}}}},
                     {"absent", {{std::nullopt, inet::PortRange{83, 83}}}}};
  rules.own_listeners = {endpoint("::", 80), endpoint("127.0.0.1", 82)};
  aggregator_.set_rules(rules);
  const Snapshot snapshot =
      poll({listener_on("::", 80), listener_on("::", 81), listener_on("127.0.0.1", 82)});
  ASSERT_EQ(snapshot.listeners.size(), 3u);
  EXPECT_FALSE(snapshot.listeners[0].exporter);
  EXPECT_TRUE(snapshot.listeners[1].exporter);
  EXPECT_FALSE(snapshot.listeners[2].exporter);
}

}  // namespace
}  // namespace timewait::analysis
