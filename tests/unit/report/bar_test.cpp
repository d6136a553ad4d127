#include "report/bar.h"

#include <gtest/gtest.h>

namespace timewait::report {
namespace {

// Of 1,000 ports.
std::string bar_of(std::uint32_t used, std::uint32_t reusable = 0, bool utf8 = false) {
  return bar({1'000, used, reusable, 0}, 10, utf8);
}

TEST(Bar, ShowsTheShareThatIsTaken) {
  EXPECT_EQ(bar_of(0), "..........");
  EXPECT_EQ(bar_of(500), "#####.....");
  EXPECT_EQ(bar_of(1'000), "##########");
}

TEST(Bar, ShowsWhatMayBeReused) {
  EXPECT_EQ(bar_of(700, 500), "##+++++...");
  EXPECT_EQ(bar_of(1'000, 1'000), "++++++++++");
}

TEST(Bar, IsFullOnlyIfNothingIsLeft) {
  EXPECT_EQ(bar_of(999), "#########.");
  EXPECT_EQ(bar_of(1'000, 1), "#########+");
}

TEST(Bar, IsFullWhereThereIsNothingToTake) { EXPECT_EQ(bar({}, 10, false), "##########"); }

TEST(Bar, IsOfShadesWhereTheTerminalHasThem) { EXPECT_EQ(bar_of(500, 200, true), "███▒▒░░░░░"); }

}  // namespace
}  // namespace timewait::report
