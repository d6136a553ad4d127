#include "analysis/lasting_growth.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace timewait::analysis {
namespace {

// What a pool has at polls five seconds apart, `open_at(second)` for the seconds before now.
std::vector<OpenCount> counts_of(int seconds, const std::function<double(int)>& open_at) {
  std::vector<OpenCount> counts;
  for (int ago = seconds; ago >= 0; ago -= 5) {
    const OpenSockets::Clock::time_point taken_at(std::chrono::seconds(10'000 - ago));
    counts.push_back({taken_at, open_at(-ago)});
  }
  return counts;
}

double steady_rate(const std::vector<OpenCount>& counts) { return steady_growth(counts).rate; }

TEST(SteadyGrowth, OnePollTellsNone) {
  EXPECT_EQ(steady_rate(counts_of(0, [](int) { return 100; })), 0);
}

TEST(SteadyGrowth, IsBelievedWhenItHasLastedAMinute) {
  for (const double standing : {0.0, 6'000.0, 60'000.0}) {
    for (const double rate : {3.0, 10.0, 200.0}) {
      const auto leak = [=](int second) { return standing + rate * second; };
      EXPECT_EQ(steady_rate(counts_of(55, leak)), 0);
      EXPECT_DOUBLE_EQ(steady_rate(counts_of(60, leak)), rate);
    }
  }
}

TEST(SteadyGrowth, ASlowOneIsWhenItIsMoreThanChance) {
  const auto leak = [](int second) { return std::floor(1'000 + 0.2 * second); };
  EXPECT_EQ(steady_rate(counts_of(100, leak)), 0);
  EXPECT_NEAR(steady_rate(counts_of(240, leak)), 0.2, 0.01);
}

// Not a mean with the time before it began.
TEST(SteadyGrowth, FromWhenItBegan) {
  for (int age = 75; age <= 600; age += 5) {
    const auto leak = [=](int second) { return 6'000.0 + 10 * std::max(0, second + age); };
    EXPECT_NEAR(steady_rate(counts_of(600, leak)), 10, 0.4) << age;
  }
}

TEST(SteadyGrowth, FromWhenItChanged) {
  const auto leak = [](int second) { return 6'000.0 + (second > -80 ? 25 : 10) * (second + 80); };
  EXPECT_NEAR(steady_rate(counts_of(600, leak)), 25, 0.5);
}

TEST(SteadyGrowth, MustGoOn) {
  for (const int begun : {100, 300, 600}) {
    const auto stopped = [=](int second) { return 10.0 * std::min(second + begun, begun - 15); };
    EXPECT_EQ(steady_rate(counts_of(begun, stopped)), 0) << begun;
  }
}

TEST(SteadyGrowth, AJumpIsNone) {
  for (int ago = 0; ago <= 300; ago += 5) {
    const auto jump = [=](int second) { return second >= -ago ? 3'000.0 : 100.0; };
    EXPECT_EQ(steady_rate(counts_of(600, jump)), 0) << ago;
  }
}

// Nor does one hide a growth, a deploy's least of all.
TEST(SteadyGrowth, AfterAJump) {
  const auto deployed = [](int second) {
    return second < -90 ? 100.0 : 3'000 + 10.0 * (second + 90);
  };
  const Growth growth = steady_growth(counts_of(600, deployed));
  EXPECT_NEAR(growth.rate, 10, 0.1);
  EXPECT_TRUE(std::isinf(growth.to_come));
}

TEST(SteadyGrowth, AShortSpikeBeforeDoesNotHideIt) {
  const auto leak = [](int second) {
    return 6'000 + 10.0 * second + (second > -240 && second <= -210 ? 5'000 : 0);
  };
  EXPECT_NEAR(steady_rate(counts_of(600, leak)), 10, 0.1);
}

TEST(SteadyGrowth, WhatWasAsFullBeforeIsNone) {
  const auto sawtooth = [](int second) { return 5.0 * ((second + 600) % 200); };
  EXPECT_EQ(steady_rate(counts_of(600, [&](int second) { return sawtooth(second - 30); })), 0);
  EXPECT_EQ(steady_rate(counts_of(600, [&](int second) { return sawtooth(second - 1); })), 0);
}

TEST(SteadyGrowth, ThatSlowsDownComesToAnEnd) {
  const auto fills = [](int second) { return 3'000 * (1 - std::exp(-(second + 300) / 300.0)); };
  const Growth growth = steady_growth(counts_of(300, fills));
  EXPECT_GT(growth.rate, 0);
  EXPECT_NEAR(growth.to_come, 3'000 / std::exp(1), 150);
  EXPECT_TRUE(std::isinf(steady_growth(counts_of(300, [](int s) { return 9.0 * s; })).to_come));
}

// A step is told by the time between its polls, whatever that is.
TEST(SteadyGrowth, PollsMayBeUneven) {
  std::vector<OpenCount> counts;
  double second = 0;
  for (int i = 0; i < 40; ++i) {
    second += i % 3 == 0 ? 12.5 : 3.1;
    counts.push_back(
        {OpenSockets::Clock::time_point(std::chrono::milliseconds(static_cast<int>(second * 1000))),
         500 + 8 * second});
  }
  EXPECT_NEAR(steady_rate(counts), 8, 0.01);
}

// Connections that come and go, the peer closing: few, and many.
TEST(SteadyGrowth, ChanceIsNone) {
  std::mt19937 random(1);
  for (const double each_second : {0.5, 30.0, 300.0}) {
    std::poisson_distribution<int> in_a_step(5 * each_second);
    int found = 0;
    for (int trial = 0; trial < 2'000; ++trial) {
      double open = 60 * each_second;
      found += steady_rate(counts_of(600, [&](int) {
                 open += in_a_step(random);
                 return open -= in_a_step(random);
               })) > 0;
    }
    EXPECT_LE(found, 1) << each_second;
  }
}

TEST(SteadyGrowth, IsFoundAmongWhatComesAndGoes) {
  std::mt19937 random(1);
  std::poisson_distribution<int> in_a_step(5 * 30);
  int found = 0;
  double error = 0;
  for (int trial = 0; trial < 500; ++trial) {
    double open = 6'000;
    const double rate = steady_rate(counts_of(300, [&](int) {
      open += 50 + in_a_step(random);
      return open -= in_a_step(random);
    }));
    found += rate > 0;
    error += std::abs(rate - 10) / 500;
  }
  EXPECT_GE(found, 495);
  EXPECT_LT(error, 0.6);
}

// What is open for moments is a noise that does not add up: in long steps it hardly matters.
TEST(SteadyGrowth, IsFoundAmongWhatIsOpenForMoments) {
  std::mt19937 random(1);
  std::poisson_distribution<int> moments(5);
  int found = 0;
  for (int trial = 0; trial < 200; ++trial) {
    const double rate = steady_rate(
        counts_of(600, [&](int second) { return 20'000 + 0.2 * second + moments(random); }));
    found += std::abs(rate - 0.2) < 0.04;
  }
  EXPECT_GE(found, 190);
}

// One socket after the other, evenly, over as long as is remembered.
double rate_of_gain(int gained) {
  return steady_rate(counts_of(
      600, [=](int second) { return 100 + std::floor(gained * (second + 600) / 600.0); }));
}

// Chance may make a gain as large as the root of it: so many are needed, and hardly any more.
TEST(SteadyGrowth, TheFewestThatArePlain) {
  for (int gained = 0; gained <= 22; ++gained) EXPECT_EQ(rate_of_gain(gained), 0) << gained;
  for (int gained = 26; gained <= 40; ++gained) {
    EXPECT_NEAR(rate_of_gain(gained), gained / 600.0, 0.02) << gained;
  }
}

// However it came about: from one count to the next, or while others were lost.
TEST(SteadyGrowth, FewerAreNoneInAnyCourse) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 5'000; ++trial) {
    const auto steps = static_cast<int>(1 + random() % 22);
    std::vector<int> gained_at(22);
    for (int& second : gained_at) second = -static_cast<int>(random() % (30 * steps));
    const auto course = counts_of(600, [&](int second) {
      const auto gained =
          std::count_if(gained_at.begin(), gained_at.end(), [=](int at) { return at <= second; });
      return 50.0 + static_cast<double>(gained);
    });
    ASSERT_EQ(steady_rate(course), 0) << trial;
  }
}

// What counts is what was gained since the fewest, and not since the first.
TEST(SteadyGrowth, SinceTheFewest) {
  const auto refilled = [](int second) { return second < -570 ? 400 : 0.1 * (second + 570); };
  EXPECT_NEAR(steady_rate(counts_of(600, refilled)), 0.1, 0.01);
}

TEST(SteadyGrowth, DoesNotDependOnWhatStands) {
  std::mt19937 random(1);
  int found = 0;
  for (int trial = 0; trial < 2'000; ++trial) {
    const double rate = static_cast<double>(random() % 100) / 500;
    double noise = 0;
    std::vector<OpenCount> course = counts_of(600, [&](int second) {
      noise += static_cast<double>(random() % 3) - 1;
      return std::floor(1'000 + rate * second + noise);
    });
    const Growth growth = steady_growth(course);
    for (OpenCount& count : course) count.open += 50'000;
    const Growth shifted = steady_growth(course);
    ASSERT_EQ(shifted.rate, growth.rate) << trial;
    ASSERT_EQ(shifted.to_come, growth.to_come) << trial;
    found += growth.rate > 0;
  }
  EXPECT_GT(found, 200);
  EXPECT_LT(found, 1'800);
}

double quick_rate(const PerSecond& growth, double open, Timing timing = Timing::kExact) {
  const std::vector<OpenCount> counts = counts_of(0, [=](int) { return open; });
  return quick_growth(growth, counts, timing).rate;
}

TEST(QuickGrowth, AsFastAsItIs) {
  PerSecond growth{};
  for (std::size_t second = 0; second < 20; ++second) growth[second] = 10;
  EXPECT_DOUBLE_EQ(quick_rate(growth, 200), 10);
}

// Not a mean with the time before it began.
TEST(QuickGrowth, FromWhenItBegan) {
  PerSecond growth{};
  for (std::size_t second = 0; second < 10; ++second) growth[second] = 60;
  EXPECT_DOUBLE_EQ(quick_rate(growth, 600), 60);
  EXPECT_DOUBLE_EQ(quick_rate(growth, 600, Timing::kBlurred), 60);
}

TEST(QuickGrowth, AJumpIsNone) {
  PerSecond growth{};
  growth[3] = 1000;
  EXPECT_EQ(quick_rate(growth, 1000), 0);
}

TEST(QuickGrowth, ChanceIsNone) {
  PerSecond growth{};
  growth[3] = 40;
  EXPECT_EQ(quick_rate(growth, 1000), 0);
}

TEST(QuickGrowth, RoundingIsNone) {
  PerSecond growth{};
  growth[0] = 1e-15;
  EXPECT_EQ(quick_rate(growth, 0), 0);
}

TEST(QuickGrowth, ItMustGoOn) {
  PerSecond growth{};
  for (std::size_t second = 5; second < 20; ++second) growth[second] = 100;
  EXPECT_EQ(quick_rate(growth, 1500), 0);
  growth[0] = -100;
  EXPECT_EQ(quick_rate(growth, 1400), 0);
}

TEST(QuickGrowth, WhatWasAsFullBeforeIsNone) {
  PerSecond growth{};
  for (std::size_t second = 0; second < 20; ++second) growth[second] = 50;
  const auto emptied = [](int second) { return second < -20 ? 2'000 : 50.0 * (second + 20); };
  EXPECT_EQ(quick_growth(growth, counts_of(60, emptied), Timing::kExact).rate, 0);
  const auto filled = [](int second) { return second < -20 ? 10 : 50.0 * (second + 20); };
  EXPECT_DOUBLE_EQ(quick_growth(growth, counts_of(60, filled), Timing::kExact).rate, 50);
}

}  // namespace
}  // namespace timewait::analysis
