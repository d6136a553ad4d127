#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "terminal/top/view.h"

namespace timewait::terminal::top {
namespace {

using report::PeerRow;
using testing::ElementsAre;

Key character(const std::string& text) { return {Key::Name::kCharacter, text}; }

Request press_all(View& view, const std::string& characters) {
  Request last = Request::kNone;
  for (const char each : characters) last = press(view, character(std::string(1, each)), {});
  return last;
}

PeerRow peer(const std::string& name, std::uint32_t time_wait, std::uint32_t established,
             std::optional<double> arrival_rate, double exhaustion_seconds) {
  PeerRow row;
  row.peer = name;
  row.time_wait = time_wait;
  row.established = established;
  row.arrival_rate = arrival_rate;
  row.exhaustion_seconds = exhaustion_seconds;
  return row;
}

std::vector<PeerRow> three_peers() {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  return {peer("Tomcat", 10, 300, 5, 100), peer("db", 30, 100, std::nullopt, 20),
          peer("api", 20, 200, 7, kNever)};
}

std::vector<std::string> names(const View& view) {
  std::vector<std::string> names;
  for (const PeerRow& row : arranged(three_peers(), view)) names.push_back(row.peer);
  return names;
}

TEST(TopView, OrdersPeersByEachColumn) {
  View view;
  EXPECT_THAT(names(view), ElementsAre("Tomcat", "db", "api"));
  press_all(view, "s");
  EXPECT_THAT(names(view), ElementsAre("Tomcat", "api", "db"));  // capitals come first
  press_all(view, "s");
  EXPECT_EQ(view.order, Order::kTimeWait);
  EXPECT_THAT(names(view), ElementsAre("db", "api", "Tomcat"));
  press_all(view, ">");
  EXPECT_EQ(view.order, Order::kEstablished);
  EXPECT_THAT(names(view), ElementsAre("Tomcat", "api", "db"));
  press_all(view, ">");
  EXPECT_EQ(view.order, Order::kArrivals);
  EXPECT_THAT(names(view), ElementsAre("api", "Tomcat", "db"));  // db's rate is not known
  press_all(view, ">");
  EXPECT_EQ(view.order, Order::kRunsOutIn);
  EXPECT_THAT(names(view), ElementsAre("db", "Tomcat", "api"));
}

TEST(TopView, GoesRoundTheOrdersBothWays) {
  View view;
  press_all(view, "<");
  EXPECT_EQ(view.order, Order::kRunsOutIn);
  press_all(view, "s");
  EXPECT_EQ(view.order, Order::kTightest);
}

TEST(TopView, ReversesTheOrder) {
  View view;
  press_all(view, "r");
  EXPECT_THAT(names(view), ElementsAre("api", "db", "Tomcat"));
  press_all(view, "r");
  EXPECT_THAT(names(view), ElementsAre("Tomcat", "db", "api"));
}

TEST(TopView, FiltersByAPartOfTheNameWhateverTheCase) {
  View view;
  press_all(view, "/tOM");
  EXPECT_THAT(names(view), ElementsAre("Tomcat"));
  press(view, {Key::Name::kEnter}, {});
  EXPECT_FALSE(view.is_typing);
  EXPECT_THAT(names(view), ElementsAre("Tomcat"));
  press(view, {Key::Name::kEscape}, {});
  EXPECT_THAT(names(view), ElementsAre("Tomcat", "db", "api"));
}

TEST(TopView, TakesKeysForTextWhileAFilterIsTyped) {
  View view;
  EXPECT_EQ(press_all(view, "/qsrpnh "), Request::kNone);
  EXPECT_EQ(view.filter, "qsrpnh ");
  EXPECT_EQ(view.order, Order::kTightest);
  EXPECT_FALSE(view.is_paused);
  EXPECT_EQ(view.page, View::Page::kTables);
  press(view, {Key::Name::kEscape}, {});
  EXPECT_EQ(view.filter, "");
  EXPECT_FALSE(view.is_typing);
  EXPECT_EQ(press_all(view, "q"), Request::kQuit);
}

TEST(TopView, BackspaceTakesAWholeCharacter) {
  View view;
  press_all(view, "/a");
  press(view, character("주"), {});
  press(view, {Key::Name::kBackspace}, {});
  EXPECT_EQ(view.filter, "a");
  for (int i = 0; i < 2; ++i) press(view, {Key::Name::kBackspace}, {});
  EXPECT_EQ(view.filter, "");
  EXPECT_TRUE(view.is_typing);
}

TEST(TopView, ScrollsWithinWhatThereIs) {
  View view;
  const Extent extent{.page = 10, .last_scroll = 25};
  const auto after = [&](Key::Name name) {
    press(view, {name}, extent);
    return view.scroll;
  };
  EXPECT_EQ(after(Key::Name::kUp), 0u);
  EXPECT_EQ(after(Key::Name::kDown), 1u);
  EXPECT_EQ(after(Key::Name::kPageDown), 11u);
  EXPECT_EQ(after(Key::Name::kPageDown), 21u);
  EXPECT_EQ(after(Key::Name::kPageDown), 25u);
  EXPECT_EQ(after(Key::Name::kDown), 25u);
  EXPECT_EQ(after(Key::Name::kPageUp), 15u);
  EXPECT_EQ(after(Key::Name::kHome), 0u);
  EXPECT_EQ(after(Key::Name::kEnd), 25u);
}

TEST(TopView, ScrollsEvenWhereNoLineIsShown) {
  View view;
  press(view, {Key::Name::kPageDown}, {.page = 0, .last_scroll = 3});
  EXPECT_EQ(view.scroll, 1u);
}

TEST(TopView, GoesBackToTheTopWhenTheRowsChange) {
  for (const char* const keys : {"s", "<", "/a"}) {
    View view{.scroll = 5};
    press_all(view, keys);
    EXPECT_EQ(view.scroll, 0u) << keys;
  }
}

TEST(TopView, PausesAndGoesOn) {
  View view;
  press_all(view, "p");
  EXPECT_TRUE(view.is_paused);
  press_all(view, " ");
  EXPECT_FALSE(view.is_paused);
}

TEST(TopView, AnyKeyLeavesTheHelp) {
  for (const std::string_view key : {"h", "?", "q", "x"}) {
    View view;
    press_all(view, "h");
    ASSERT_EQ(view.page, View::Page::kHelp);
    EXPECT_EQ(press_all(view, std::string(key)), Request::kNone);
    EXPECT_EQ(view.page, View::Page::kTables);
  }
}

TEST(TopView, ChoosesANamespace) {
  View view;
  EXPECT_EQ(press_all(view, "n"), Request::kFindNamespaces);
  const Extent extent{.page = 10, .last_scroll = 0, .namespaces = 3};
  for (int i = 0; i < 5; ++i) press(view, {Key::Name::kDown}, extent);
  EXPECT_EQ(view.chosen, 2u);
  press(view, {Key::Name::kUp}, extent);
  EXPECT_EQ(view.chosen, 1u);
  EXPECT_EQ(press(view, {Key::Name::kEnter}, extent), Request::kShowChosen);
}

TEST(TopView, ChoosesNoNamespaceBeforeThereAreAny) {
  View view;
  press_all(view, "n");
  EXPECT_EQ(press(view, {Key::Name::kEnter}, {}), Request::kNone);
  press(view, {Key::Name::kEscape}, {});
  EXPECT_EQ(view.page, View::Page::kTables);
}

TEST(TopView, TakesKeysThatMeanNothing) {
  View view;
  EXPECT_EQ(press_all(view, "xyz0"), Request::kNone);
  EXPECT_EQ(press(view, character("é"), {}), Request::kNone);
  EXPECT_EQ(press(view, {}, {}), Request::kNone);
  EXPECT_EQ(view.page, View::Page::kTables);
}

}  // namespace
}  // namespace timewait::terminal::top
