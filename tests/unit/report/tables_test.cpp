#include "report/tables.h"

#include <string>

#include <gmock/gmock.h>

#include "as_text.h"
#include "made_hosts.h"
#include "report/cells.h"
#include "report/overview.h"

namespace timewait::report {
namespace {

using analysis::Finding;
using analysis::FindingKind;
using analysis::Severity;
using testing::HasSubstr;
using testing::Not;

PeerRow row_of(const analysis::Peer& peer) {
  analysis::Snapshot snapshot = made_snapshot();
  snapshot.configured_peers = {peer};
  return peer_rows(made_state(snapshot), {}, kPolledAt).front();
}

TEST(Cells, TellWhenThePortsRunOut) {
  analysis::Peer peer = made_peer("db", 30);
  EXPECT_EQ(runs_out_cell(row_of(peer)), "-");
  for (const auto& [seconds, cell] :
       {std::pair(0.0, "now"), {0.5, "< 1 s"}, {25.9, "25 s"}, {750.0, "12 min"}}) {
    peer.exhaustion_seconds = seconds;
    EXPECT_EQ(runs_out_cell(row_of(peer)), cell);
  }
  peer = made_peer("db", 1'000);
  EXPECT_EQ(runs_out_cell(row_of(peer)), "now");
  EXPECT_EQ(runs_out_cell(PeerRow{}), "-");
}

TEST(Cells, TellArrivalsAgainstWhatIsSustainable) {
  analysis::Peer peer = made_peer("db", 30);
  EXPECT_EQ(arrivals_cell(row_of(peer)), "4 of 16");
  peer.arrival_rate.reset();
  EXPECT_EQ(arrivals_cell(row_of(peer)), "? of 16");
  peer.tightest.reset();
  peer.sustainable_rate.reset();
  EXPECT_EQ(arrivals_cell(row_of(peer)), "-");
}

TEST(Cells, TellTheLocalAddress) {
  analysis::Peer peer = made_peer("db", 30);
  EXPECT_EQ(local_address_cell(row_of(peer)), "10.0.0.5");
  peer.pools = 3;
  EXPECT_EQ(local_address_cell(row_of(peer)), "10.0.0.5 +2");
  peer.tightest.reset();
  EXPECT_EQ(local_address_cell(row_of(peer)), "-");
}

TEST(Cells, TellSharesBriefly) {
  EXPECT_EQ(share_cell(0.034), "3.4 %");
  EXPECT_EQ(share_cell(0.0001), "< 0.1 %");
}

TEST(PeersTable, SaysThatThereIsNothing) {
  EXPECT_EQ(plain(peers_table({}, {})), "There are no outbound connections.\n");
}

TEST(PeersTable, HasColoursOfWhatWasFoundAlone) {
  PeerRow row = row_of(made_peer("db", 1'000));  // which nobody complains about
  EXPECT_THAT(marked_up(peers_table({row}, {40, true})), HasSubstr("\ndb"));
  EXPECT_THAT(marked_up(peers_table({row}, {40, true})), HasSubstr("<good>0 %</>"));
  row.worst = Severity::kCritical;
  row.pace = Severity::kCritical;
  row.ports = Severity::kWarning;
  const std::string table = marked_up(peers_table({row}, {}));
  EXPECT_THAT(table, HasSubstr("<critical>db</>"));
  EXPECT_THAT(table, HasSubstr("<warning>0 %</>"));
  EXPECT_THAT(table, HasSubstr("<critical>now</>"));
}

TEST(PeersTable, IsFaintWhereNothingIsConnected) {
  analysis::Peer peer = made_peer("db", 0);
  peer.tightest.reset();
  EXPECT_THAT(marked_up(peers_table({row_of(peer)}, {})), HasSubstr("<faint>db</>"));
}

analysis::Listener made_listener(std::string name) {
  analysis::Listener listener;
  listener.name = std::move(name);
  listener.accept_queue = 3;
  return listener;
}

TEST(ListenersTable, IsEmptyWithoutListeners) {
  EXPECT_TRUE(listeners_table(made_state(made_snapshot()), {}, {}).empty());
}

TEST(ListenersTable, HasCloseWaitOnlyIfThereIsAny) {
  analysis::Snapshot snapshot = made_snapshot();
  snapshot.listeners = {made_listener("nginx")};
  EXPECT_EQ(plain(listeners_table(made_state(snapshot), {}, {})),
            "LISTENER  ESTAB  TIME_WAIT  ACCEPT QUEUE\n"
            "nginx         0          0             3\n");
  snapshot.listeners[0].group.sockets[inet::TcpState::kCloseWait] = 5;
  snapshot.listeners[0].accept_queue_limit = 4'096;
  EXPECT_EQ(plain(listeners_table(made_state(snapshot), {}, {})),
            "LISTENER  ESTAB  TIME_WAIT  ACCEPT QUEUE  CLOSE_WAIT\n"
            "nginx         0          0       3/4,096           5\n");
}

TEST(ListenersTable, HasTheColourOfWhatWasFound) {
  analysis::Snapshot snapshot = made_snapshot();
  snapshot.listeners = {made_listener("nginx"), made_listener("*:80")};
  const Finding finding{
      .severity = Severity::kWarning, .kind = FindingKind::kAcceptQueue, .listener = "*:80"};
  const std::string table = marked_up(listeners_table(made_state(snapshot), {finding}, {}));
  EXPECT_THAT(table, HasSubstr("<warning>*:80</>"));
  EXPECT_THAT(table, HasSubstr("\nnginx"));
  EXPECT_THAT(marked_up(listeners_table(made_state(snapshot, "app"), {finding}, {})),
              Not(HasSubstr("warning")));
}

TEST(HostLines, FillOneLineAfterTheOther) {
  const auto in_columns = [](std::size_t columns) {
    return plain(host_lines(made_state(made_snapshot()), {}, {columns, true}));
  };
  EXPECT_EQ(
      in_columns(120),
      "Ephemeral ports 28,232 (32768-60999), reserved 0, bound 0; TIME_WAIT buckets 0 of 131,072; "
      "tcp_tw_reuse 2 (loopback)\n");
  EXPECT_EQ(in_columns(64),
            "Ephemeral ports 28,232 (32768-60999), reserved 0, bound 0\n"
            "TIME_WAIT buckets 0 of 131,072; tcp_tw_reuse 2 (loopback)\n");
}

TEST(HostLines, TellWhatReuseThereIs) {
  const auto told = [](std::optional<int> reuse, bool timestamps) {
    analysis::Snapshot snapshot = made_snapshot();
    snapshot.settings.tw_reuse = reuse;
    snapshot.settings.timestamps = timestamps;
    return plain(host_lines(made_state(snapshot), {}, {}));
  };
  EXPECT_THAT(told(0, true), HasSubstr("tcp_tw_reuse 0 (off)"));
  EXPECT_THAT(told(1, true), HasSubstr("tcp_tw_reuse 1 (on)"));
  EXPECT_THAT(told(1, false), HasSubstr("tcp_tw_reuse 1 (no use without tcp_timestamps)"));
  EXPECT_THAT(told(std::nullopt, true), HasSubstr("tcp_tw_reuse not known"));
}

TEST(Overview, TellsOnlyOfPollsBeforeTheTables) {
  analysis::Snapshot snapshot = made_snapshot();
  snapshot.configured_peers = {made_peer("db", 950)};
  analysis::ExporterState state;
  state.namespaces = {made_state(snapshot)};
  state.namespaces[0].health.last_poll_succeeded = false;
  const std::string text = plain(overview(state, kPolledAt, {}));
  EXPECT_THAT(text, testing::StartsWith("WARNING   The last poll failed"));
  EXPECT_THAT(text, HasSubstr("\n\nPEER "));
  EXPECT_THAT(text, Not(HasSubstr("CRITICAL")));
}

}  // namespace
}  // namespace timewait::report
