#include "analysis/findings.h"

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "made_sockets.h"

namespace timewait::analysis {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::chrono::steady_clock::time_point kPolledAt{std::chrono::hours(5)};

// A namespace in which nothing is wrong, with one peer and one listener; and the exporter around
// it.
class FindingsTest : public testing::Test {
 protected:
  FindingsTest() {
    snapshot_.forecast_from = kPolledAt;
    snapshot_.ephemeral_ports = 28'232;
    snapshot_.settings.max_tw_buckets = 1'000;
    snapshot_.max_discovered_peers = 20;
    snapshot_.configured_peers = {a_peer("db", endpoint("10.0.0.9", 5432))};
    snapshot_.pools = {a_pool("db", endpoint("10.0.0.9", 5432))};
    snapshot_.listeners.resize(1);
    snapshot_.listeners[0].name = "nginx";
    snapshot_.listeners[0].listening_sockets = 1;
    snapshot_.listeners[0].fullest_queue = {0, 100};
    health_.last_poll_succeeded = true;
    health_.polls = 100;
    state_.spacing = {seconds(5), seconds(5)};
  }

  static Peer a_peer(std::string name, const inet::Endpoint& remote) {
    Peer peer;
    peer.name = std::move(name);
    peer.headroom = {28'232, 0, 0, 14'116};
    peer.tightest = key_to(remote);
    peer.arrival_rate = 10;
    peer.sustainable_rate = 470;
    peer.exhaustion_seconds = kNever;
    return peer;
  }

  static Pool a_pool(std::string peer, const inet::Endpoint& remote) {
    Pool pool;
    pool.key = key_to(remote);
    pool.peer = std::move(peer);
    pool.headroom = {28'232, 0, 0, 14'116};
    pool.arrival_rate = 10;
    pool.sustainable_rate = 470;
    pool.exhaustion_seconds = kNever;
    return pool;
  }

  static PoolKey key_to(const inet::Endpoint& remote) {
    return {inet::Address::parse("10.0.0.1").value(), remote};
  }

  Peer& peer() { return snapshot_.configured_peers[0]; }
  Pool& pool() { return snapshot_.pools[0]; }
  Listener& listener() { return snapshot_.listeners[0]; }

  void use_ports(std::uint32_t used, std::uint32_t reusable = 0) {
    peer().headroom.used = used;
    peer().headroom.reusable = reusable;
    pool().headroom = peer().headroom;
  }
  void run_out_in(double exhaustion_seconds) {
    peer().exhaustion_seconds = exhaustion_seconds;
    pool().exhaustion_seconds = exhaustion_seconds;
  }
  void wait_for_accept(std::uint32_t waiting) { listener().fullest_queue->waiting = waiting; }
  // A pool of a peer that is not shown by name, with as many ports used.
  Pool& add_folded(std::uint32_t used) {
    const int number = static_cast<int>(snapshot_.pools.size());
    snapshot_.pools.push_back(a_pool("other", endpoint("192.0.2.1", 8'000 + number)));
    snapshot_.pools.back().headroom = {28'232, used, 0, 0};
    return snapshot_.pools.back();
  }
  void arrive_at(double rate) {
    peer().arrival_rate = rate;
    pool().arrival_rate = rate;
  }

  std::vector<Finding> found(std::chrono::steady_clock::duration after_poll = seconds(1)) const {
    ExporterState state = state_;
    state.namespaces.push_back(
        {netns_, has_snapshot_ ? std::make_shared<const Snapshot>(snapshot_) : nullptr, health_});
    return findings_of(state, kPolledAt + after_poll);
  }

  Snapshot snapshot_;
  bool has_snapshot_ = true;
  std::string netns_;
  PollHealth health_;
  ExporterState state_;
};

MATCHER_P3(Is, severity, kind, text, "") {
  return arg.severity == severity && arg.kind == kind &&
         testing::ExplainMatchResult(HasSubstr(text), arg.text, result_listener);
}

TEST_F(FindingsTest, NothingIsWrong) { EXPECT_THAT(found(), IsEmpty()); }

// --- Headroom

TEST_F(FindingsTest, Headroom) {
  use_ports(22'585);  // 20.002 % left
  EXPECT_THAT(found(), IsEmpty());
  use_ports(22'600);
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kHeadroom,
                                      "Toward db, 19 % of the local ports are left (5,632 of "
                                      "28,232 from 10.0.0.1 to 10.0.0.9:5432)")));
  use_ports(25'400);
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kHeadroom, "10 % of")));
  use_ports(25'500);
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kCritical, FindingKind::kHeadroom, "9.6 % of")));
  EXPECT_EQ(found()[0].peer, "db");
  EXPECT_EQ(found()[0].listener, std::nullopt);
}

TEST_F(FindingsTest, NoPortLeft) {
  use_ports(28'232);
  peer().headroom.fast = 0;
  run_out_in(0);
  arrive_at(1'000);
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kCritical, FindingKind::kHeadroom,
                                      "no local port is left from 10.0.0.1 to 10.0.0.9:5432")));
}

// The kernel hands those ports out again: nothing is wrong.
TEST_F(FindingsTest, APoolFullOfReusablePortsIsFine) {
  use_ports(28'232, 28'000);
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(FindingsTest, ThatNoPortCanBeUsedIsSaidOnce) {
  snapshot_.ephemeral_ports = 100;
  snapshot_.ephemeral_ports_reserved = 90;
  snapshot_.ephemeral_ports_bound = 10;
  peer().headroom = {};
  snapshot_.configured_peers.push_back(peer());
  EXPECT_THAT(found(),
              ElementsAre(Is(Severity::kCritical, FindingKind::kHeadroom, "all 100 ports")));
  snapshot_.ephemeral_ports_bound = 9;
  EXPECT_THAT(found(), Not(ElementsAre(Is(Severity::kCritical, FindingKind::kHeadroom, "all"))));
}

TEST_F(FindingsTest, APeerWithoutSocketsIsNoProblem) {
  peer().tightest.reset();
  peer().arrival_rate.reset();
  peer().sustainable_rate.reset();
  snapshot_.pools.clear();
  EXPECT_THAT(found(), IsEmpty());
}

// --- Peers that are not shown by name

TEST_F(FindingsTest, FoldedPoolsThatAreTight) {
  snapshot_.max_discovered_peers = 0;
  add_folded(14'000).headroom.fast = 1;
  EXPECT_THAT(found(), IsEmpty());
  snapshot_.pools.clear();  // also beside a configured peer without sockets
  peer().tightest.reset();
  add_folded(28'232).exhaustion_seconds = 0;
  EXPECT_THAT(found(),
              ElementsAre(Is(Severity::kCritical, FindingKind::kHeadroom,
                             "Toward a peer that is not shown by name, no local port is left from "
                             "10.0.0.1 to 192.0.2.1:8000: connect() fails with \"Cannot assign "
                             "requested address\" until one comes back.")));
  EXPECT_EQ(found()[0].peer, "other");
  add_folded(23'000);
  add_folded(20'000);
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kCritical, FindingKind::kHeadroom,
                                      "comes back; 1 more such pool is below 20 %.")));
}

TEST_F(FindingsTest, FoldedPoolsThatRunOut) {
  add_folded(20'000);
  add_folded(15'000).exhaustion_seconds = 300;
  EXPECT_THAT(found(),
              ElementsAre(Is(Severity::kWarning, FindingKind::kExhaustion,
                             "Toward a peer that is not shown by name, the local ports run "
                             "out in 4 min if it goes on like this: 10 new connections a "
                             "second from 10.0.0.1 to 192.0.2.1:8002"),
                          Is(Severity::kInfo, FindingKind::kSlowConnect, "192.0.2.1:8001")));
}

// --- Forecast and rates

TEST_F(FindingsTest, Exhaustion) {
  run_out_in(902);
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_THAT(found(seconds(2)), ElementsAre(Is(Severity::kWarning, FindingKind::kExhaustion,
                                                "the local ports run out in 15 min")));
  run_out_in(62);
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kExhaustion, "in 61 s")));
  EXPECT_THAT(found(seconds(2)),
              ElementsAre(Is(Severity::kCritical, FindingKind::kExhaustion, "in 60 s")));
}

TEST_F(FindingsTest, ExhaustionTellsWhy) {
  run_out_in(300);
  EXPECT_THAT(found()[0].text, HasSubstr("10 new connections a second from 10.0.0.1 to "
                                         "10.0.0.9:5432, and fewer ports come back."));
  arrive_at(520);
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kExhaustion,
                                      "520 new connections a second from 10.0.0.1 to "
                                      "10.0.0.9:5432, where 470 can be sustained.")));
}

TEST_F(FindingsTest, AForecastThatIsNearlyOrLongOver) {
  run_out_in(1.5);
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kCritical, FindingKind::kExhaustion,
                                      "the local ports run out in less than 1 s if")));
  EXPECT_THAT(
      found(seconds(7)),
      ElementsAre(Is(Severity::kCritical, FindingKind::kExhaustion,
                     "the local ports should have run out by now: 10 new connections a "
                     "second from 10.0.0.1 to 10.0.0.9:5432, and fewer ports come back; the "
                     "figures are 7 s old.")));
}

// The forecast is the soonest of the peer's pools, which need not be the tightest.
TEST_F(FindingsTest, ExhaustionNamesThePoolThatRunsOut) {
  snapshot_.pools.push_back(a_pool("db", endpoint("10.0.0.10", 5432)));
  snapshot_.pools[1].exhaustion_seconds = 100;
  peer().exhaustion_seconds = 100;
  EXPECT_THAT(found()[0].text, HasSubstr("to 10.0.0.10:5432"));
}

TEST_F(FindingsTest, ArrivalRate) {
  arrive_at(470);
  EXPECT_THAT(found(), IsEmpty());
  arrive_at(520);
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kArrivalRate,
                                      "520 connections a second are opened from 10.0.0.1 to "
                                      "10.0.0.9:5432, more than the 470 that the local ports can "
                                      "sustain.")));
  run_out_in(1'201);
  EXPECT_THAT(found()[0].text, HasSubstr("can sustain; the ports run out in 20 min."));
}

TEST_F(FindingsTest, SlowConnect) {
  use_ports(14'116);
  peer().headroom.fast = 1;
  EXPECT_THAT(found(), IsEmpty());
  peer().headroom.fast = 0;
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kInfo, FindingKind::kSlowConnect,
                                      "connect() from 10.0.0.1 to 10.0.0.9:5432 has become slow")));
}

// That is what being nearly out of ports means.
TEST_F(FindingsTest, SlowConnectIsNotSaidBesideHeadroom) {
  use_ports(27'000);
  peer().headroom.fast = 0;
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kCritical, FindingKind::kHeadroom, "")));
}

// --- Listeners

// One more than the limit finds room: the kernel turns away what comes after that.
TEST_F(FindingsTest, AcceptQueue) {
  wait_for_accept(80);
  EXPECT_THAT(found(), IsEmpty());
  wait_for_accept(81);
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kAcceptQueue,
                                      "The accept queue of nginx is nearly full (81 connections "
                                      "wait, its limit is 100)")));
  wait_for_accept(100);
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kAcceptQueue, "nearly")));
  wait_for_accept(101);
  EXPECT_THAT(found(),
              ElementsAre(Is(Severity::kCritical, FindingKind::kAcceptQueue,
                             "The accept queue of nginx is full (101 connections wait, more "
                             "than its limit of 100)")));
  EXPECT_EQ(found()[0].listener, "nginx");
  EXPECT_EQ(found()[0].peer, std::nullopt);
}

TEST_F(FindingsTest, AnAcceptQueueForOneConnection) {
  listener().fullest_queue = {0, 0};
  EXPECT_THAT(found(), IsEmpty());
  wait_for_accept(1);
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kCritical, FindingKind::kAcceptQueue,
                                      "(1 connection waits, more than its limit of 0)")));
}

// What all sockets of a name have together says nothing of the one that is stuck.
TEST_F(FindingsTest, TheFullestAcceptQueueCounts) {
  listener().accept_queue = 101;
  listener().accept_queue_limit = 400;
  listener().listening_sockets = 4;
  wait_for_accept(101);
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kCritical, FindingKind::kAcceptQueue,
                                      "One of the 4 accept queues of nginx is full (101 ")));
}

TEST_F(FindingsTest, AcceptQueuesOfWhichNothingIsKnown) {
  listener().accept_queue = 1'000;
  listener().fullest_queue.reset();
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(FindingsTest, EphemeralListener) {
  listener().unreserved_ephemeral_ports = {40'000};
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kInfo, FindingKind::kEphemeralListener,
                                      "nginx listens on port 40000 of the ephemeral range")));
  EXPECT_EQ(found()[0].listener, "nginx");
}

TEST_F(FindingsTest, ManyEphemeralListenersAreOneFinding) {
  listener().unreserved_ephemeral_ports = {40'000};
  for (const char* name : {"b", "c", "d", "e"}) {
    snapshot_.listeners.push_back(listener());
    snapshot_.listeners.back().name = name;
  }
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kInfo, FindingKind::kEphemeralListener,
                                      "5 listeners are on ports of the ephemeral range (nginx, b, "
                                      "c and 2 more)")));
  EXPECT_EQ(found()[0].listener, std::nullopt);
}

TEST_F(FindingsTest, TheExportersOwnListenerIsNoProblem) {
  listener().exporter = true;
  listener().unreserved_ephemeral_ports = {40'000};
  EXPECT_THAT(found(), IsEmpty());
}

// --- The namespace

TEST_F(FindingsTest, TimeWaitLimit) {
  snapshot_.time_wait_sockets = 900;
  EXPECT_THAT(found(), IsEmpty());
  snapshot_.time_wait_sockets = 901;
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kTimeWaitLimit,
                                      "901 of at most 1,000 TIME_WAIT sockets")));
  snapshot_.settings.max_tw_buckets.reset();
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(FindingsTest, TimeWaitOverflow) {
  snapshot_.time_wait_sockets = 800;  // by now
  snapshot_.time_wait_overflows = true;
  EXPECT_THAT(found(),
              ElementsAre(Is(Severity::kWarning, FindingKind::kTimeWaitLimit,
                             "800 of at most 1,000 TIME_WAIT sockets are there "
                             "(net.ipv4.tcp_max_tw_buckets), and the kernel closes more "
                             "connections without the protection of TIME_WAIT; as long as")));
  run_out_in(300);
  EXPECT_THAT(found()[0].text, HasSubstr("like this: at least 10 new connections a second"));
}

TEST_F(FindingsTest, FoldedPeers) {
  snapshot_.other.emplace();
  EXPECT_THAT(found(), IsEmpty());
  snapshot_.other->sockets[inet::TcpState::kEstablished] = 1'234;
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kInfo, FindingKind::kFoldedPeers,
                                      "1,234 outbound sockets belong to peers")));
  snapshot_.max_discovered_peers = 0;
  EXPECT_THAT(found(), IsEmpty());
}

// --- Polls

TEST_F(FindingsTest, AFailedPoll) {
  health_.last_poll_succeeded = false;
  health_.errors[0] = 3;
  EXPECT_THAT(found(seconds(40)), ElementsAre(Is(Severity::kWarning, FindingKind::kPoll,
                                                 "The last poll failed and the figures are 40 s "
                                                 "old")));
  EXPECT_THAT(found(seconds(61)), ElementsAre(Is(Severity::kCritical, FindingKind::kPoll, "61 s")));
}

TEST_F(FindingsTest, FiguresThatAreOldThoughNoPollFailed) {
  EXPECT_THAT(found(seconds(60)), IsEmpty());
  EXPECT_THAT(found(seconds(61)),
              ElementsAre(Is(Severity::kCritical, FindingKind::kPoll, "no poll has ended since")));
}

TEST_F(FindingsTest, RarePollsMakeFiguresOldLater) {
  state_.spacing = {seconds(5), seconds(30)};
  EXPECT_THAT(found(seconds(300)), IsEmpty());
  EXPECT_THAT(found(seconds(301)), ElementsAre(Is(Severity::kCritical, FindingKind::kPoll, "")));
}

TEST_F(FindingsTest, NoPollEverSucceeded) {
  has_snapshot_ = false;
  health_.last_poll_succeeded = false;
  health_.polls = 3;
  health_.errors = {1, 2};
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kCritical, FindingKind::kPoll,
                                      "No poll has succeeded yet")));
}

// It may well come to be there later.
TEST_F(FindingsTest, AnotherNamespaceThatIsNotThereYet) {
  netns_ = "app";
  has_snapshot_ = false;
  health_.last_poll_succeeded = false;
  health_.errors[0] = 100;
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kNamespace,
                                      "No poll in network namespace app has succeeded yet")));
}

TEST_F(FindingsTest, OldFiguresOfAnotherNamespace) {
  netns_ = "app";
  EXPECT_THAT(found(seconds(61)), ElementsAre(Is(Severity::kWarning, FindingKind::kNamespace,
                                                 "The figures in network namespace app are 61 s")));
}

TEST_F(FindingsTest, WhatIsTightGoesBeforeANamespaceThatIsNotThere) {
  use_ports(23'000);
  state_.namespaces.push_back({"app", nullptr, {}});
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kHeadroom, "Toward db"),
                                   Is(Severity::kWarning, FindingKind::kNamespace, "app")));
}

TEST_F(FindingsTest, ANamespaceThatIsGone) {
  netns_ = "app";
  has_snapshot_ = false;
  health_.last_poll_succeeded = false;
  health_.errors[0] = 2;  // of the 100
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kNamespace,
                                      "Network namespace app is gone")));
}

// --- The exporter

TEST_F(FindingsTest, Reload) {
  state_.config.last_reload_succeeded = false;
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kReload,
                                      "The last reload of the configuration failed")));
}

TEST_F(FindingsTest, HostNames) {
  state_.hosts = {{"good.example", true, 2}};
  EXPECT_THAT(found(), IsEmpty());
  state_.hosts = {{"a.example", false, 0}, {"b.example", false, 2}};
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kHostName,
                                      "a.example does not resolve, so no connection"),
                                   Is(Severity::kWarning, FindingKind::kHostName,
                                      "b.example does not resolve, so the last answer still "
                                      "holds: 2 addresses.")));
}

// --- All of them

TEST_F(FindingsTest, TheMostUrgentComesFirst) {
  state_.config.last_reload_succeeded = false;
  listener().unreserved_ephemeral_ports = {40'000};
  wait_for_accept(90);
  use_ports(24'000);
  snapshot_.discovered_peers = {a_peer("tight", endpoint("10.0.0.2", 80)),
                                a_peer("tighter", endpoint("10.0.0.3", 80))};
  snapshot_.discovered_peers[0].headroom.used = 26'000;
  snapshot_.discovered_peers[1].headroom.used = 27'000;
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kCritical, FindingKind::kHeadroom, "tighter"),
                                   Is(Severity::kCritical, FindingKind::kHeadroom, "tight"),
                                   Is(Severity::kWarning, FindingKind::kHeadroom, "db"),
                                   Is(Severity::kWarning, FindingKind::kAcceptQueue, "nginx"),
                                   Is(Severity::kWarning, FindingKind::kReload, ""),
                                   Is(Severity::kInfo, FindingKind::kEphemeralListener, "")));
}

TEST_F(FindingsTest, AnotherNamespaceIsNamed) {
  netns_ = "app";
  use_ports(27'000);
  const std::vector<Finding> findings = found();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].netns, "app");
  EXPECT_THAT(findings[0].text, HasSubstr("Toward db in network namespace app, 4.3 %"));
}

// Or a name from right to left would turn the words and figures around it.
TEST_F(FindingsTest, NamesAreIsolated) {
  const std::string name = "\u05d0\u05d1";
  const std::string isolated = "\u2068" + name + "\u2069";
  netns_ = name;
  peer().name = pool().peer = name;
  listener().name = name;
  use_ports(27'000);
  wait_for_accept(101);
  listener().unreserved_ephemeral_ports = {40'000};
  const std::vector<Finding> findings = found();
  ASSERT_EQ(findings.size(), 3u);
  EXPECT_EQ(findings[0].peer, name);
  EXPECT_THAT(findings[0].text,
              StartsWith("Toward " + isolated + " in network namespace " + isolated));
  EXPECT_THAT(findings[1].text, StartsWith("The accept queue of " + isolated + " in"));
  EXPECT_THAT(findings[2].text, StartsWith(isolated + " in network namespace " + isolated));
}

TEST_F(FindingsTest, EachIsOneSentence) {
  health_.last_poll_succeeded = false;
  state_.config.last_reload_succeeded = false;
  state_.hosts = {{"a.example", false, 0}};
  run_out_in(30);
  snapshot_.time_wait_sockets = 1'000;
  wait_for_accept(200);
  const std::vector<Finding> findings = found();
  EXPECT_EQ(findings.size(), 6u);
  for (const Finding& finding : findings) {
    EXPECT_THAT(finding.text, AllOf(testing::EndsWith("."), Not(HasSubstr(". "))));
  }
}

TEST(FindingNames, EachKindHasItsOwn) {
  EXPECT_EQ(name_of(Severity::kInfo), "info");
  EXPECT_EQ(name_of(FindingKind::kPoll), "poll");
  EXPECT_EQ(name_of(FindingKind::kTimeWaitLimit), "time_wait_limit");
  EXPECT_EQ(name_of(FindingKind::kNamespace), "namespace");
  EXPECT_EQ(name_of(FindingKind::kFoldedPeers), "folded_peers");
}

}  // namespace
}  // namespace timewait::analysis
