#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "analysis/snapshot.h"
#include "inet/tcp_state.h"
#include "report/line.h"
#include "terminal/top/frame.h"

namespace timewait::terminal::top {
namespace {

using analysis::ExporterState;
using analysis::Snapshot;
using std::chrono::steady_clock;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const steady_clock::time_point kNow{std::chrono::hours(1)};

analysis::Peer peer(const std::string& name, std::uint32_t used) {
  analysis::Peer peer;
  peer.name = name;
  peer.pools = 1;
  peer.tightest = analysis::PoolKey{};
  peer.headroom = {.capacity = 1000, .used = used, .reusable = 0, .fast = 500};
  peer.group.sockets[inet::TcpState::kEstablished] = used;
  peer.exhaustion_seconds = std::numeric_limits<double>::infinity();
  return peer;
}

Snapshot snapshot_of(std::vector<analysis::Peer> peers) {
  Snapshot snapshot;
  snapshot.forecast_from = kNow - std::chrono::seconds(3);
  snapshot.ephemeral_ports = 1000;
  snapshot.discovered_peers = std::move(peers);
  snapshot.max_discovered_peers = 100;
  analysis::Listener web;
  web.name = "web";
  snapshot.listeners = {web};
  return snapshot;
}

analysis::NamespaceState state_of(const std::string& name, Snapshot snapshot) {
  analysis::NamespaceState state{
      .name = name, .snapshot = std::make_shared<Snapshot>(std::move(snapshot)), .health = {}};
  state.health.last_poll_succeeded = true;
  return state;
}

ExporterState many_peers(int count) {
  std::vector<analysis::Peer> peers;
  peers.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    peers.push_back(peer("peer-" + std::to_string(i), static_cast<std::uint32_t>(500 - i)));
  }
  ExporterState state;
  state.namespaces = {state_of("", snapshot_of(std::move(peers)))};
  state.spacing = {std::chrono::seconds(1), std::chrono::seconds(1)};
  return state;
}

class TopFrame : public testing::Test {
 protected:
  std::vector<std::string> draw(std::size_t columns = 100, std::size_t rows = 24) {
    const Scene scene{.state = state_,
                      .netns = netns_,
                      .own_name = own_name_,
                      .others = others_,
                      .time_of_day = "03:00:00",
                      .now = kNow,
                      .as_of = kNow};
    frame_ = draw_frame(view_, scene, {.columns = columns, .utf8 = utf8_}, rows);
    EXPECT_LE(frame_.lines.size(), rows);
    std::vector<std::string> lines;
    for (const report::Line& line : frame_.lines) {
      EXPECT_LE(report::width_of(line), columns);
      std::string text;
      for (const report::Span& span : line) text += span.text;
      lines.push_back(text);
    }
    return lines;
  }

  ExporterState state_ = many_peers(3);
  NamespaceChoice netns_;
  std::string own_name_ = "own network namespace";
  std::optional<NamespaceList> others_;
  View view_;
  bool utf8_ = true;
  Frame frame_;
};

TEST_F(TopFrame, TellsTheTimeTheNamespaceTheAgeAndTheOrder) {
  EXPECT_EQ(draw().front(), "03:00:00  own network namespace  polled 3 s ago  tightest first");
  view_.reversed = true;
  view_.order = Order::kPeer;
  EXPECT_THAT(draw().front(), HasSubstr("peers by name, reversed"));
}

TEST_F(TopFrame, TellsWhenPollsSpreadOut) {
  state_.spacing.actual = std::chrono::seconds(6);
  EXPECT_THAT(draw().front(), HasSubstr("every 6 s"));
}

TEST_F(TopFrame, TellsThatItIsPaused) {
  EXPECT_THAT(draw(), Not(Contains(HasSubstr("PAUSED"))));
  view_.is_paused = true;
  EXPECT_THAT(draw(40).front(), HasSubstr("PAUSED"));
}

TEST_F(TopFrame, TellsThatNothingIsWrong) { EXPECT_EQ(draw()[1], "Nothing is wrong."); }

TEST_F(TopFrame, TellsThatNobodyAskedForPortsHeldByBind) {
  Snapshot snapshot = snapshot_of({});
  snapshot.pools.resize(1);
  state_.namespaces = {state_of("", snapshot)};
  EXPECT_EQ(draw()[1], "Nothing is wrong, but ports held by bind() were not asked for.");
}

TEST_F(TopFrame, TellsTheWorstAndHowManyMore) {
  state_.namespaces = {state_of("", snapshot_of({peer("tight", 999), peer("tighter", 1000)}))};
  EXPECT_THAT(draw(200)[1], StartsWith("CRITICAL  "));
  EXPECT_THAT(draw(200)[1], HasSubstr("tighter"));
  EXPECT_THAT(draw(200)[1], HasSubstr("And 1 more"));
}

TEST_F(TopFrame, InformationIsNothingWrong) {
  Snapshot snapshot = snapshot_of({});
  snapshot.listeners[0].unreserved_ephemeral_ports = {40000};
  state_.namespaces = {state_of("", snapshot)};
  EXPECT_THAT(draw()[1], StartsWith("Nothing is wrong"));
  EXPECT_THAT(draw()[2], StartsWith("INFO"));
  EXPECT_THAT(draw(100, 8)[2], HasSubstr("no outbound"));  // no more where there is little room
}

TEST_F(TopFrame, ASentenceTakesTwoLinesAtMost) {
  state_.namespaces = {state_of("", snapshot_of({peer(std::string(200, 'x'), 1000)}))};
  EXPECT_THAT(draw(40)[3], HasSubstr("PEER"));
  EXPECT_THAT(draw(40, 8)[2], HasSubstr("PEER"));
}

TEST_F(TopFrame, ShowsPeersListenersAndLimitsOneBelowTheOther) {
  const std::vector<std::string> lines = draw();
  EXPECT_THAT(lines[2], StartsWith("PEER"));
  EXPECT_THAT(lines[3], StartsWith("peer-0"));
  EXPECT_THAT(lines[5], StartsWith("peer-2"));
  EXPECT_EQ(lines[6], "");
  EXPECT_THAT(lines[7], StartsWith("LISTENER"));
  EXPECT_THAT(lines[8], StartsWith("web"));
  EXPECT_EQ(lines[9], "");
  EXPECT_THAT(lines[10], StartsWith("Ephemeral ports"));
  EXPECT_EQ(lines.size(), 24u);
  EXPECT_THAT(lines.back(), StartsWith("h help"));
}

TEST_F(TopFrame, HeadingsStayWhenTheirLinesScroll) {
  state_ = many_peers(50);
  view_.scroll = 10;
  std::vector<std::string> lines = draw(100, 13);
  EXPECT_THAT(lines[2], StartsWith("PEER"));
  EXPECT_THAT(lines[3], StartsWith("peer-10"));  // line 10 gave way to the heading
  view_.scroll = 1000;
  lines = draw(100, 13);
  EXPECT_EQ(view_.scroll, frame_.extent.last_scroll);
  EXPECT_THAT(lines[2], StartsWith("PEER"));
  EXPECT_THAT(lines, Contains(StartsWith("web")));
  EXPECT_THAT(lines, Contains(StartsWith("Ephemeral ports")));
}

TEST_F(TopFrame, EveryScrollPositionShowsAsMuchAsFits) {
  state_ = many_peers(9);
  for (std::size_t scroll = 0; scroll < 40; ++scroll) {
    view_.scroll = scroll;
    const std::vector<std::string> lines = draw(100, 8);
    ASSERT_EQ(lines.size(), 8u);
    EXPECT_THAT(lines.back(), StartsWith("h help"));
    EXPECT_LE(view_.scroll, frame_.extent.last_scroll);
  }
}

TEST_F(TopFrame, SaysThatNoPeerPassesTheFilter) {
  view_.filter = "nobody";
  EXPECT_THAT(draw(), Contains(HasSubstr("None of 3 peers has \"nobody\" in its name.")));
  EXPECT_THAT(draw().front(), HasSubstr("filter \"nobody\""));
}

TEST_F(TopFrame, AsksForTheFilterInTheLastLine) {
  view_.is_typing = true;
  view_.filter = "주문";
  EXPECT_EQ(draw().back(), "Filter: 주문");
  EXPECT_EQ(frame_.cursor, 12u);
  utf8_ = false;
  EXPECT_EQ(draw().back(), "Filter: ??");
  view_.is_typing = false;
  draw();
  EXPECT_EQ(frame_.cursor, std::nullopt);
}

TEST_F(TopFrame, ShowsThatTheFirstPollIsUnderWay) {
  state_ = {};
  EXPECT_THAT(draw(), Contains("Reading the kernel's sockets."));
}

TEST_F(TopFrame, ShowsThatThereAreNoFigures) {
  state_.namespaces.front().snapshot = nullptr;
  analysis::PollHealth& health = state_.namespaces.front().health;
  health.last_poll_succeeded = false;
  health.polls = health.errors.front() = 1;
  EXPECT_THAT(draw()[1], StartsWith("CRITICAL"));
  EXPECT_THAT(draw(), Contains("There are no figures."));
}

TEST_F(TopFrame, ShowsTheNamespaceThatWasChosen) {
  state_.namespaces.push_back(state_of("app", snapshot_of({peer("in-app", 1000)})));
  EXPECT_EQ(draw()[1], "Nothing is wrong.");
  netns_ = {.name = "app", .path = "/run/netns/app"};
  const std::vector<std::string> lines = draw();
  EXPECT_THAT(lines[0], HasSubstr("network namespace app"));
  EXPECT_THAT(lines[1], StartsWith("CRITICAL"));
  EXPECT_THAT(lines, Contains(StartsWith("in-app")));
  EXPECT_THAT(lines, Not(Contains(StartsWith("peer-"))));
}

TEST_F(TopFrame, ListsNamespacesAndWhyOneCannotBeEntered) {
  view_.page = View::Page::kNamespaces;
  EXPECT_THAT(draw(), Contains("Looking for them."));
  others_ = NamespaceList{.choices = {{},
                                      {.name = "app", .path = "/run/netns/app"},
                                      {.name = "db", .path = "/x", .obstacle = "not allowed"}},
                          .remark = "There are more."};
  view_.chosen = 1;
  const std::vector<std::string> lines = draw();
  EXPECT_EQ(lines[3], "  own network namespace  (shown)");
  EXPECT_EQ(lines[4], "> app  /run/netns/app");
  EXPECT_EQ(lines[5], "  db  /x  not allowed");
  EXPECT_EQ(lines[6], "There are more.");
  EXPECT_EQ(frame_.extent.namespaces, 3u);
}

TEST_F(TopFrame, ALongListScrollsWithTheChoice) {
  view_.page = View::Page::kNamespaces;
  others_ = NamespaceList{.choices = {{}}, .remark = ""};
  for (int i = 1; i < 100; ++i)
    others_->choices.push_back({.name = std::to_string(i), .path = "p"});
  for (const std::size_t chosen : {0u, 1u, 50u, 99u}) {
    view_.chosen = chosen;
    EXPECT_THAT(draw(80, 10), Contains(StartsWith("> "))) << chosen;
  }
}

TEST_F(TopFrame, ListsTheKeys) {
  view_.page = View::Page::kHelp;
  EXPECT_THAT(draw(), Contains(StartsWith("q Ctrl-C")));
}

// As on a terminal that is dragged to next to nothing: draw() holds each to its size.
TEST_F(TopFrame, FitsAnySize) {
  state_ = many_peers(30);
  others_ = NamespaceList{.choices = {{}, {.name = "app", .path = "/run/netns/app"}}, .remark = ""};
  for (const bool utf8 : {true, false}) {
    utf8_ = utf8;
    for (const auto page : {View::Page::kTables, View::Page::kHelp, View::Page::kNamespaces}) {
      for (std::size_t rows = 1; rows < 30; ++rows) {
        for (const std::size_t columns : {1u, 2u, 3u, 7u, 20u, 40u, 79u, 250u}) {
          view_ = {.page = page, .filter = "e", .is_typing = rows % 2 == 0, .scroll = rows};
          draw(columns, rows);
        }
      }
    }
  }
}

// ncurses would put it into the line above.
TEST_F(TopFrame, NoLineBeginsWithACharacterWithoutWidth) {
  state_.namespaces = {state_of("", snapshot_of({peer("שלום", 500)}))};
  EXPECT_THAT(draw()[3], StartsWith("שלום\u200e"));
}

// Names come from configurations and, of namespaces, from whoever may make one.
TEST_F(TopFrame, HasNoControlCharacters) {
  state_.namespaces = {state_of("", snapshot_of({peer("\x1b[2Jpeer\x7f", 1000)}))};
  others_ = NamespaceList{.choices = {{.name = "\x1b[2J", .path = "/\x1b[2J", .obstacle = "\x1b"}},
                          .remark = "\x1b"};
  own_name_ = "/\x1b[2J";
  view_.filter = "\x1b";
  for (const auto page : {View::Page::kTables, View::Page::kNamespaces}) {
    view_.page = page;
    for (const std::string& line : draw()) {
      EXPECT_THAT(line, Not(HasSubstr("\x1b")));
      EXPECT_THAT(line, Not(HasSubstr("\x7f")));
    }
  }
}

}  // namespace
}  // namespace timewait::terminal::top
