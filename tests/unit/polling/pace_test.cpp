#include "polling/pace.h"

#include <gtest/gtest.h>

namespace timewait::polling {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Pace, CheapPollsKeepTheirDistance) {
  Pace pace(seconds(5), 0.05);
  EXPECT_EQ(pace.interval(), seconds(5));
  for (int i = 0; i < 20; ++i) pace.observe(milliseconds(250));
  EXPECT_EQ(pace.interval(), seconds(5));
  EXPECT_FALSE(pace.stretched());
}

TEST(Pace, DearOnesSpreadOut) {
  Pace pace(seconds(5), 0.05);
  pace.observe(milliseconds(500));
  EXPECT_EQ(pace.interval(), seconds(10));
  EXPECT_TRUE(pace.stretched());
}

TEST(Pace, ButNotWithoutEnd) {
  Pace pace(seconds(5), 0.05);
  pace.observe(seconds(20));
  EXPECT_EQ(pace.interval(), seconds(30));
  Pace slow(seconds(45), 0.05);
  slow.observe(seconds(20));
  EXPECT_EQ(slow.interval(), seconds(45));
  EXPECT_FALSE(slow.stretched());
}

TEST(Pace, OneDearPollDoesNotDoubleTheDistance) {
  Pace pace(seconds(1), 0.05);
  for (int i = 0; i < 20; ++i) pace.observe(milliseconds(40));
  pace.observe(milliseconds(100));
  EXPECT_LT(pace.interval(), milliseconds(1200));
}

TEST(Pace, ItComesBack) {
  Pace pace(seconds(1), 0.05);
  pace.observe(milliseconds(1000));
  for (int i = 0; i < 20; ++i) pace.observe(milliseconds(10));
  EXPECT_EQ(pace.interval(), seconds(1));
}

}  // namespace
}  // namespace timewait::polling
