#include "analysis/findings.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "findings_fixture.h"

namespace timewait::analysis {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST_F(FindingsTest, NothingIsWrong) { EXPECT_THAT(found(), IsEmpty()); }

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

// What is reserved is not usable in the first place.
TEST_F(FindingsTest, BoundPorts) {
  snapshot_.ephemeral_ports_reserved = 8'232;
  snapshot_.ephemeral_ports_bound = 2'000;
  EXPECT_THAT(found(), IsEmpty());
  snapshot_.ephemeral_ports_bound = 2'001;
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kBoundPorts,
                                      "2,001 of 20,000 usable ports of the ephemeral range are "
                                      "held by bind()")));
}

TEST_F(FindingsTest, BoundPortsAreNotSaidWhereNoneIsLeft) {
  snapshot_.ephemeral_ports_bound = 28'232;
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kCritical, FindingKind::kHeadroom, "all 28,232")));
}

TEST_F(FindingsTest, CloseWaitOfAPeer) {
  peer().group.sockets[inet::TcpState::kCloseWait] = 5'000;  // on their way to close()
  peer().group.lasting_close_waits = 19;
  EXPECT_THAT(found(), IsEmpty());
  peer().group.lasting_close_waits = 20;
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kWarning, FindingKind::kCloseWait,
                                      "20 connections to db stay in CLOSE_WAIT: the peer has "
                                      "closed them")));
  EXPECT_EQ(found()[0].peer, "db");
  EXPECT_EQ(found()[0].listener, std::nullopt);
}

TEST_F(FindingsTest, CloseWaitOfAListenerAndOfWhatIsFolded) {
  netns_ = "app";
  listener().group.lasting_close_waits = 30;
  snapshot_.other.emplace();
  snapshot_.other->lasting_close_waits = 40;
  EXPECT_THAT(found(),
              ElementsAre(Is(Severity::kWarning, FindingKind::kCloseWait,
                             "40 connections to peers that are not shown by name in network"),
                          Is(Severity::kWarning, FindingKind::kCloseWait,
                             "30 connections that nginx accepted in network namespace app stay "
                             "in CLOSE_WAIT: the client has closed them")));
  EXPECT_EQ(found()[0].peer, "other");
  EXPECT_EQ(found()[1].listener, "nginx");
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

TEST_F(FindingsTest, AFailedPollTellsWhy) {
  health_.last_poll_succeeded = false;
  failure_ = {reading::FailureReason::kTimeout, "the kernel did not answer"};
  EXPECT_THAT(found(seconds(40)),
              ElementsAre(Is(Severity::kWarning, FindingKind::kPoll,
                             "the figures are 40 s old: the kernel did not answer.")));
  has_snapshot_ = false;
  health_.errors[0] = health_.polls;
  EXPECT_THAT(found(), ElementsAre(Is(Severity::kCritical, FindingKind::kPoll,
                                      "connections and ports: the kernel did not answer.")));
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
  const std::string isolated = "\u2068\u05d0\u05d1\u2069";
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
