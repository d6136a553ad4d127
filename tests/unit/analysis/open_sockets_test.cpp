#include "analysis/open_sockets.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "made_sockets.h"

namespace timewait::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const PoolKey kPool{endpoint("10.0.0.1", 0).address, endpoint("10.0.0.9", 80), 0};

double sum(const PerSecond& growth) { return std::accumulate(growth.begin(), growth.end(), 0.0); }

class OpenSocketsTest : public testing::Test {
 protected:
  PerSecond poll(milliseconds at, std::uint32_t open, bool all_updated = true) {
    sockets_.begin(OpenSockets::Clock::time_point(at));
    const OpenSockets::Course course = sockets_.update(kPool, open);
    counts_.assign(course.counts.begin(), course.counts.end());
    sockets_.end(all_updated);
    return course.growth;
  }

  void poll_without(milliseconds at, bool all_updated = true) {
    sockets_.begin(OpenSockets::Clock::time_point(at));
    sockets_.end(all_updated);
  }

  OpenSockets sockets_;
  std::vector<OpenCount> counts_;  // after the last poll()
};

TEST_F(OpenSocketsTest, TheFirstPollKnowsNoGrowth) { EXPECT_EQ(sum(poll(seconds(5), 70)), 0); }

TEST_F(OpenSocketsTest, GrowthIsSpreadOverTheTimeBetweenPolls) {
  poll(seconds(100), 10);
  poll(seconds(105), 60);
  const PerSecond growth = poll(milliseconds(107'500), 35);
  EXPECT_DOUBLE_EQ(growth[0], -10);
  EXPECT_DOUBLE_EQ(growth[2], -5 + 5);
  EXPECT_DOUBLE_EQ(growth[3], 10);
  EXPECT_DOUBLE_EQ(growth[7], 5);
  EXPECT_DOUBLE_EQ(growth[8], 0);
  EXPECT_DOUBLE_EQ(sum(growth), 25);
}

TEST_F(OpenSocketsTest, APoolThatWasNotThereHadNone) {
  poll_without(seconds(100));
  EXPECT_DOUBLE_EQ(poll(seconds(105), 50)[0], 10);
}

TEST_F(OpenSocketsTest, UnlessItWasNotLookedAt) {
  poll_without(seconds(100), /*all_updated=*/false);
  EXPECT_EQ(sum(poll(seconds(105), 50)), 0);
}

TEST_F(OpenSocketsTest, OnlyTheLastMinuteCounts) {
  for (int second = 0; second < 200; ++second) poll(seconds(second), 10u * second);
  const PerSecond growth = poll(seconds(200), 2000);
  EXPECT_DOUBLE_EQ(sum(growth), 600);
  EXPECT_DOUBLE_EQ(growth[59], 10);
}

TEST_F(OpenSocketsTest, ManyPollsASecondAreNotAllKept) {
  for (int tick = 0; tick < 2000; ++tick) poll(milliseconds(50 * tick), 2u * tick);
  const PerSecond growth = poll(milliseconds(100'000), 4000);
  EXPECT_DOUBLE_EQ(sum(growth), 60 * 40);
  EXPECT_NEAR(growth[0], 40, 1e-9);
}

TEST_F(OpenSocketsTest, TenMinutesAreRemembered) {
  for (int second = 0; second <= 2000; second += 5) poll(seconds(second), 10u * second);
  ASSERT_EQ(counts_.size(), 121u);
  EXPECT_EQ(counts_.front().open, 14'000);
  EXPECT_EQ(counts_.back().open, 20'000);
}

TEST_F(OpenSocketsTest, NeverMoreThanThereIsRoomFor) {
  for (const int interval : {100, 1300, 1990, 3999, 4000, 5000}) {
    std::size_t most = 0;
    for (int i = 1; i * interval < 1'300'000; ++i) {
      poll(seconds(2000) + milliseconds(interval * i), 7);
      most = std::max(most, counts_.size());
    }
    EXPECT_LE(most, OpenSockets::kMaxCounts) << interval;
    EXPECT_GT(most, 70u) << interval;
    sockets_ = OpenSockets();
  }
}

TEST_F(OpenSocketsTest, PollsFarApart) {
  poll(seconds(100), 0);
  EXPECT_NEAR(sum(poll(seconds(200), 1000)), 600, 1e-9);
}

}  // namespace
}  // namespace timewait::analysis
