#include "analysis/snapshot.h"

#include <gtest/gtest.h>

namespace timewait::analysis {
namespace {

TEST(Headroom, Ratios) {
  const Headroom headroom{200, 150, 50};
  EXPECT_EQ(headroom.free_ports(), 100u);
  EXPECT_DOUBLE_EQ(headroom.ratio(), 0.25);
  EXPECT_DOUBLE_EQ(headroom.effective_ratio(), 0.5);
}

TEST(Headroom, WithoutCapacityThereIsNone) {
  const Headroom headroom{};
  EXPECT_EQ(headroom.ratio(), 0);
  EXPECT_EQ(headroom.effective_ratio(), 0);
}

}  // namespace
}  // namespace timewait::analysis
