#include "analysis/poll_health.h"

#include <numeric>

#include <gtest/gtest.h>

namespace timewait::analysis {
namespace {

using std::chrono::milliseconds;

TEST(DurationHistogram, EachDurationIsInOneBucket) {
  DurationHistogram histogram;
  histogram.observe(milliseconds(1));  // the bound itself is inside
  histogram.observe(milliseconds(2));
  histogram.observe(milliseconds(100));
  histogram.observe(milliseconds(99'000));  // beyond the last bound
  EXPECT_EQ(histogram.counts[0], 1u);
  EXPECT_EQ(histogram.counts[1], 1u);
  EXPECT_EQ(histogram.counts[6], 1u);
  EXPECT_EQ(std::accumulate(histogram.counts.begin(), histogram.counts.end(), std::uint64_t{0}),
            3u);
  EXPECT_EQ(histogram.count, 4u);
  EXPECT_NEAR(histogram.sum_seconds, 99.103, 1e-9);
}

}  // namespace
}  // namespace timewait::analysis
