#include "kernel/timer_wheel.h"

#include <gtest/gtest.h>

namespace timewait::kernel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The table at the top of kernel/time/timer.c gives the granularity of each level for these HZ.
TEST(TimerWheel, SlackOfAMinute) {
  EXPECT_EQ(timer_slack(seconds(60), milliseconds(1)), milliseconds(4096));   // HZ 1000
  EXPECT_EQ(timer_slack(seconds(60), milliseconds(4)), milliseconds(2048));   // HZ 250
  EXPECT_EQ(timer_slack(seconds(60), milliseconds(10)), milliseconds(5120));  // HZ 100
}

TEST(TimerWheel, LevelsBeginWhereTheKernelsDo) {
  EXPECT_EQ(timer_slack(milliseconds(62), milliseconds(1)), milliseconds(1));
  EXPECT_EQ(timer_slack(milliseconds(63), milliseconds(1)), milliseconds(8));
  EXPECT_EQ(timer_slack(milliseconds(503), milliseconds(1)), milliseconds(8));
  EXPECT_EQ(timer_slack(milliseconds(504), milliseconds(1)), milliseconds(64));
  EXPECT_EQ(timer_slack(milliseconds(32255), milliseconds(1)), milliseconds(512));
  EXPECT_EQ(timer_slack(milliseconds(32256), milliseconds(1)), milliseconds(4096));
}

TEST(TimerWheel, ThisKernelHasATick) {
  EXPECT_GE(tick_length(), milliseconds(1));
  EXPECT_LE(tick_length(), milliseconds(10));
}

}  // namespace
}  // namespace timewait::kernel
