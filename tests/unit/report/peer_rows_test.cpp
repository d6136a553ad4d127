#include "report/peer_rows.h"

#include <string>

#include <gmock/gmock.h>

#include "made_hosts.h"

namespace timewait::report {
namespace {

using analysis::Finding;
using analysis::FindingKind;
using analysis::Severity;
using testing::ElementsAre;

std::vector<std::string> names_of(const std::vector<PeerRow>& rows) {
  std::vector<std::string> names;
  names.reserve(rows.size());
  for (const PeerRow& row : rows) names.push_back(row.peer);
  return names;
}

std::vector<PeerRow> rows_of(const analysis::Snapshot& snapshot,
                             const std::vector<Finding>& findings = {}) {
  return peer_rows(made_state(snapshot), findings, kPolledAt);
}

TEST(PeerRows, AreThereOnlyOncePolled) {
  EXPECT_THAT(peer_rows({"", nullptr, {}}, {}, kPolledAt), ElementsAre());
}

TEST(PeerRows, ComeTightestFirst) {
  analysis::Snapshot snapshot = made_snapshot();
  snapshot.configured_peers = {made_peer("idle", 0), made_peer("db", 200)};
  snapshot.discovered_peers = {made_peer("10.0.0.9:443", 900), made_peer("10.0.0.9:80", 100)};
  EXPECT_THAT(names_of(rows_of(snapshot)),
              ElementsAre("10.0.0.9:443", "db", "10.0.0.9:80", "idle"));
}

TEST(PeerRows, ComeByUseThenByNameWhereAsMuchIsLeft) {
  analysis::Snapshot snapshot = made_snapshot();
  snapshot.discovered_peers = {made_peer("b", 100), made_peer("a", 100),
                               made_peer("reused", 500, 400)};
  EXPECT_THAT(names_of(rows_of(snapshot)), ElementsAre("reused", "a", "b"));
}

TEST(PeerRows, EndWithWhatIsFolded) {
  analysis::Snapshot snapshot = made_snapshot();
  snapshot.discovered_peers = {made_peer("10.0.0.9:443", 0)};
  snapshot.other.emplace();
  EXPECT_THAT(names_of(rows_of(snapshot)), ElementsAre("10.0.0.9:443"));

  snapshot.other->sockets[inet::TcpState::kTimeWait] = 7;
  const std::vector<PeerRow> rows = rows_of(snapshot);
  EXPECT_THAT(names_of(rows), ElementsAre("10.0.0.9:443", "other"));
  EXPECT_EQ(rows[1].time_wait, 7u);
  EXPECT_FALSE(rows[1].headroom);
  EXPECT_FALSE(rows[1].tightest);
  EXPECT_EQ(rows[1].exhaustion_seconds, kNever);
}

TEST(PeerRows, HaveThePeersFigures) {
  analysis::Snapshot snapshot = made_snapshot();
  analysis::Peer peer = made_peer("db", 30);
  peer.group.sockets[inet::TcpState::kTimeWait] = 20;
  peer.pools = 3;
  snapshot.configured_peers = {peer};
  const PeerRow row = rows_of(snapshot).front();
  EXPECT_EQ(row.tightest, peer.tightest);
  EXPECT_EQ(row.pools, 3u);
  EXPECT_EQ(row.headroom->used, 30u);
  EXPECT_EQ(row.established, 30u);
  EXPECT_EQ(row.time_wait, 20u);
  EXPECT_EQ(row.arrival_rate, 4);
  EXPECT_EQ(row.sustainable_rate, 16);
}

TEST(PeerRows, CountTheForecastDown) {
  analysis::Snapshot snapshot = made_snapshot();
  snapshot.configured_peers = {made_peer("db", 30)};
  snapshot.configured_peers[0].exhaustion_seconds = 40;
  const auto rows = peer_rows(made_state(snapshot), {}, kPolledAt + std::chrono::seconds(10));
  EXPECT_DOUBLE_EQ(rows[0].exhaustion_seconds, 30);
}

TEST(PeerRows, KnowWhatWasFoundAboutThem) {
  analysis::Snapshot snapshot = made_snapshot();
  snapshot.configured_peers = {made_peer("db", 30)};
  const auto about_db = [](Severity severity, FindingKind kind) {
    return Finding{.severity = severity, .kind = kind, .peer = "db"};
  };
  Finding elsewhere = about_db(Severity::kCritical, FindingKind::kHeadroom);
  elsewhere.netns = "app";
  Finding about_another = about_db(Severity::kCritical, FindingKind::kHeadroom);
  about_another.peer = "api";
  const PeerRow calm = rows_of(snapshot, {elsewhere, about_another}).front();
  EXPECT_FALSE(calm.worst);
  EXPECT_FALSE(calm.ports);
  EXPECT_FALSE(calm.pace);

  const PeerRow tight =
      rows_of(snapshot, {elsewhere, about_db(Severity::kCritical, FindingKind::kExhaustion),
                         about_db(Severity::kWarning, FindingKind::kHeadroom),
                         about_db(Severity::kInfo, FindingKind::kSlowConnect)})
          .front();
  EXPECT_EQ(tight.worst, Severity::kCritical);
  EXPECT_EQ(tight.pace, Severity::kCritical);
  EXPECT_EQ(tight.ports, Severity::kWarning);
}

}  // namespace
}  // namespace timewait::report
