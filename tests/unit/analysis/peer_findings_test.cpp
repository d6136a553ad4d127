#include <chrono>
#include <limits>
#include <optional>
#include <string>

#include <gmock/gmock.h>

#include "analysis/findings.h"
#include "findings_fixture.h"

namespace timewait::analysis {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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

// Else the sentence would end where it began: "Toward 10.0.0.9:5432, ... to 10.0.0.9:5432".
TEST_F(FindingsTest, APeerThatIsCalledAfterItsRemoteEndIsNamedOnce) {
  peer().name = pool().peer = "10.0.0.9:5432";
  const auto tells = [this](Severity severity, FindingKind kind, const std::string& text) {
    EXPECT_THAT(found(), ElementsAre(Is(severity, kind, "Toward 10.0.0.9:5432, " + text)));
  };
  arrive_at(520);
  tells(Severity::kWarning, FindingKind::kArrivalRate,
        "520 connections a second are opened from 10.0.0.1, more than");
  run_out_in(300);
  tells(Severity::kWarning, FindingKind::kExhaustion,
        "the local ports run out in 4 min if it goes on like this: 520 new connections a second "
        "from 10.0.0.1, where");
  arrive_at(0);
  run_out_in(std::numeric_limits<double>::infinity());
  peer().headroom.fast = 0;
  tells(Severity::kInfo, FindingKind::kSlowConnect, "connect() from 10.0.0.1 has become slow");
  use_ports(22'600);
  tells(Severity::kWarning, FindingKind::kHeadroom,
        "19 % of the local ports are left (5,632 of 28,232 from 10.0.0.1); when");
  use_ports(28'232);
  tells(Severity::kCritical, FindingKind::kHeadroom,
        "no local port is left from 10.0.0.1: connect");
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

}  // namespace
}  // namespace timewait::analysis
