#include "analysis/forecast.h"

#include <cmath>

#include <gtest/gtest.h>

namespace timewait::analysis {
namespace {

constexpr double kSlack = 2;

PoolDemand pool_of(std::uint32_t capacity) {
  PoolDemand demand;
  demand.capacity = capacity;
  demand.hold_seconds = 60 + kSlack;
  demand.hold_slack_seconds = kSlack;
  demand.time_wait_room = 1e9;
  return demand;
}

TEST(Forecast, AnIdlePoolLasts) { EXPECT_TRUE(std::isinf(seconds_to_exhaustion(pool_of(1)))); }

TEST(Forecast, ASteadyOverloadIsADivision) {
  PoolDemand demand = pool_of(2000);
  demand.arrival_rate = 60;
  for (std::size_t second = 0; second < 10; ++second) demand.time_waits.entered[second] = 60;
  EXPECT_NEAR(seconds_to_exhaustion(demand), 1400 / 60.0, 0.01);
  demand.open = 700;
  EXPECT_NEAR(seconds_to_exhaustion(demand), 700 / 60.0, 0.01);
}

TEST(Forecast, NothingLeftIsZero) {
  PoolDemand demand = pool_of(100);
  demand.open = 100;
  EXPECT_EQ(seconds_to_exhaustion(demand), 0);
  demand.capacity = 0;
  EXPECT_EQ(seconds_to_exhaustion(demand), 0);
}

// The pool holds 60 s of arrivals, and what the timer wheel is late with.
TEST(Forecast, ItSettlesWhenAMinuteFits) {
  PoolDemand demand = pool_of(2000);
  demand.arrival_rate = 2000 / 62.0 - 0.01;
  EXPECT_TRUE(std::isinf(seconds_to_exhaustion(demand)));
  demand.arrival_rate = 2000 / 62.0 + 0.01;
  EXPECT_NEAR(seconds_to_exhaustion(demand), 62, 0.1);
}

TEST(Forecast, ABurstComesBackInTime) {
  PoolDemand demand = pool_of(2000);
  demand.arrival_rate = 12;
  demand.time_waits.entered[50] = 1900;  // back in ten seconds, and 120 come until then
  EXPECT_NEAR(seconds_to_exhaustion(demand), 100 / 12.0, 0.01);
  demand.time_waits.entered[50] = 0;
  demand.time_waits.entered[55] = 1900;
  EXPECT_TRUE(std::isinf(seconds_to_exhaustion(demand)));
}

TEST(Forecast, OverdueOnesGoWithTheSlack) {
  PoolDemand demand = pool_of(100);
  demand.arrival_rate = 1.5;
  demand.time_waits.overdue = 99;
  EXPECT_TRUE(std::isinf(seconds_to_exhaustion(demand)));
  demand.arrival_rate = 60;  // 49.5 a second come back
  EXPECT_NEAR(seconds_to_exhaustion(demand), 1 / 10.5, 0.01);
}

TEST(Forecast, WhatStaysOpenAddsUp) {
  PoolDemand demand = pool_of(2000);
  demand.open = 100;
  demand.arrival_rate = 10;
  demand.open_growth.rate = 10;
  EXPECT_NEAR(seconds_to_exhaustion(demand), 190, 0.01);
  demand.open_growth.rate = 4;  // 6 a second go to TIME_WAIT, which holds 372 in the end
  EXPECT_NEAR(seconds_to_exhaustion(demand), (2000 - 100 - 372) / 4.0, 0.01);
}

TEST(Forecast, UnlessItComesToAnEndBefore) {
  PoolDemand demand = pool_of(2000);
  demand.open = 100;
  demand.arrival_rate = 10;
  demand.open_growth = {10, 1800};
  EXPECT_TRUE(std::isinf(seconds_to_exhaustion(demand)));
  demand.open_growth.to_come = 2000;
  EXPECT_NEAR(seconds_to_exhaustion(demand), 190, 0.01);
}

TEST(Forecast, NobodyKnowsWhatComesAfterADay) {
  PoolDemand demand = pool_of(2000);
  demand.arrival_rate = 0.01;
  demand.open_growth.rate = 0.01;
  EXPECT_TRUE(std::isinf(seconds_to_exhaustion(demand)));
}

TEST(Forecast, ReuseMakesTheHoldShort) {
  PoolDemand demand = pool_of(1000);
  demand.hold_seconds = 1;
  demand.hold_slack_seconds = 0;
  demand.time_waits.entered.fill(16);  // 960 ports used, 16 of them not to be had again
  demand.time_waits.overdue = 30;
  demand.arrival_rate = 900;
  EXPECT_TRUE(std::isinf(seconds_to_exhaustion(demand)));
  demand.arrival_rate = 1200;
  EXPECT_NEAR(seconds_to_exhaustion(demand), 984 / 1184.0, 0.01);
  demand.arrival_rate = 0;
  demand.time_waits.entered[0] = 999;
  EXPECT_TRUE(std::isinf(seconds_to_exhaustion(demand)));
}

// tcp_max_tw_buckets: what finds no room in TIME_WAIT gives its port back at once.
TEST(Forecast, AFullTimeWaitTableSparesThePool) {
  PoolDemand demand = pool_of(2000);
  demand.arrival_rate = 60;
  demand.time_waits.entered[0] = 600;
  demand.time_wait_room = 1000;
  EXPECT_TRUE(std::isinf(seconds_to_exhaustion(demand)));
  demand.open = 1100;
  EXPECT_NEAR(seconds_to_exhaustion(demand), 300 / 60.0, 0.1);
}

}  // namespace
}  // namespace timewait::analysis
