#include "analysis/arrival_rate.h"

#include <cmath>
#include <functional>
#include <random>

#include <gtest/gtest.h>

namespace timewait::analysis {
namespace {

// `arrivals_in(second)`: of the second that ended so many seconds ago.
PerSecond minute_of(const std::function<double(int)>& arrivals_in) {
  PerSecond minute;
  for (int second = 0; second < static_cast<int>(kMinute); ++second) {
    minute[static_cast<std::size_t>(second)] = arrivals_in(second);
  }
  return minute;
}

double rate_of(const PerSecond& arrivals) { return arrival_rate(arrivals, Timing::kExact); }

TEST(ArrivalRate, NothingIsNothing) { EXPECT_EQ(rate_of(PerSecond{}), 0); }

TEST(ArrivalRate, ASteadyLoadCountsFromItsFifthSecond) {
  for (const double before : {0.0, 10.0}) {
    const auto begun = [=](int seconds_ago) {
      return minute_of([=](int second) { return second < seconds_ago ? 60.0 : before; });
    };
    EXPECT_DOUBLE_EQ(rate_of(begun(4)), before);
    for (const int seconds_ago : {5, 6, 7, 8, 10, 15, 30, 60}) {
      EXPECT_DOUBLE_EQ(rate_of(begun(seconds_ago)), 60) << seconds_ago;
    }
  }
}

TEST(ArrivalRate, FromItsEighthIfTheTimingIsBlurred) {
  const auto begun = [](int seconds_ago) {
    return minute_of([=](int second) { return second < seconds_ago ? 60.0 : 0.0; });
  };
  EXPECT_EQ(arrival_rate(begun(7), Timing::kBlurred), 0);
  EXPECT_DOUBLE_EQ(arrival_rate(begun(8), Timing::kBlurred), 60);
}

// Polls of five seconds, with a load that began in the middle of the last but one.
TEST(ArrivalRate, ABlurredBeginningIsNotItsRate) {
  EXPECT_DOUBLE_EQ(arrival_rate(minute_of([](int s) { return s < 5    ? 60.0
                                                             : s < 10 ? 36.0
                                                                      : 0.0; }),
                                Timing::kBlurred),
                   60);
  // A burst over a calm load is as even, for it is blurred.
  EXPECT_DOUBLE_EQ(
      arrival_rate(minute_of([](int s) { return s < 5 ? 210.0 : 10.0; }), Timing::kBlurred), 10);
}

// The second in which it began is not whole, and is neither its rate nor that before it.
TEST(ArrivalRate, TheFirstSecondOfALoadIsNotItsRate) {
  for (const double part : {0.1, 0.3, 0.6, 0.9}) {
    for (int whole = 5; whole < 30; ++whole) {
      const auto minute = minute_of([=](int s) {
        return s < whole ? 60.0 : s == whole ? 60 * part : 0.0;
      });
      EXPECT_NEAR(rate_of(minute), 60, 2) << whole << " " << part;
      const double blurred = arrival_rate(minute, Timing::kBlurred);
      if (whole < 7) {
        EXPECT_EQ(blurred, 0) << whole << " " << part;
      } else if (whole > 7) {
        EXPECT_NEAR(blurred, 60, 2) << whole << " " << part;
      }
    }
  }
}

// However far it has got into the minute, and however few it brings.
TEST(ArrivalRate, ASteadyLoadIsSteady) {
  for (const double rate : {5.0, 8.0, 15.0, 30.0, 60.0}) {
    for (int seconds = 5; seconds <= 60; ++seconds) {
      const auto minute = minute_of([=](int s) { return s < seconds ? rate : 0.0; });
      EXPECT_NEAR(rate_of(minute), rate, rate / 20) << rate << " " << seconds;
    }
  }
}

TEST(ArrivalRate, FewAreCountedToo) {
  EXPECT_NEAR(rate_of(minute_of([](int s) { return s % 2; })), 0.5, 0.1);
  EXPECT_NEAR(rate_of(minute_of([](int s) { return s % 10 == 3; })), 0.1, 0.1);
}

TEST(ArrivalRate, ABurstThatIsOverIsNoLoad) {
  for (int ended = 1; ended < 60; ++ended) {
    const auto burst = [=](int second) { return second >= ended && second < ended + 6; };
    EXPECT_DOUBLE_EQ(rate_of(minute_of([&](int s) { return burst(s) ? 500.0 : 12.0; })), 12);
    EXPECT_DOUBLE_EQ(rate_of(minute_of([&](int s) { return burst(s) ? 500.0 : 0.0; })), 0);
  }
}

TEST(ArrivalRate, NorAreTwo) {
  EXPECT_DOUBLE_EQ(rate_of(minute_of([](int s) { return s == 3 || s == 14 ? 500.0 : 12.0; })), 12);
}

TEST(ArrivalRate, BatchesAddUpToTheirMean) {
  for (const int period : {2, 5, 10, 20}) {
    for (int phase = 0; phase < period; ++phase) {
      const auto batches = [&](int s) { return s % period == phase ? 20.0 * period : 0.0; };
      EXPECT_NEAR(rate_of(minute_of(batches)), 20, 0.5) << period << " " << phase;
    }
  }
  const auto over_a_load = [](int s) { return s % 10 == 4 ? 330.0 : 30.0; };
  EXPECT_NEAR(rate_of(minute_of(over_a_load)), 60, 0.5);
}

TEST(ArrivalRate, ALoadThatStoppedIsSeenAfterFourSeconds) {
  const auto stopped = [](int seconds_ago) {
    return minute_of([=](int second) { return second < seconds_ago ? 0.0 : 60.0; });
  };
  EXPECT_DOUBLE_EQ(rate_of(stopped(3)), 60);
  EXPECT_EQ(rate_of(stopped(4)), 0);
  const auto sank = minute_of([](int second) { return second < 4 ? 5.0 : 60.0; });
  EXPECT_DOUBLE_EQ(rate_of(sank), 5);
}

TEST(ArrivalRate, BatchesThatStoppedAreSeenAfterOneMore) {
  const auto stopped = [](int seconds_ago) {
    return minute_of([=](int s) { return s >= seconds_ago && s % 5 == 0 ? 300.0 : 0.0; });
  };
  EXPECT_NEAR(rate_of(stopped(5)), 60, 1);
  EXPECT_EQ(rate_of(stopped(10)), 0);
}

// Many at once, each a different minute of the same load.
TEST(ArrivalRate, ChanceIsEvenedOut) {
  std::mt19937 random(1);
  for (const double rate : {3.0, 12.0, 60.0, 500.0}) {
    std::poisson_distribution<int> arrivals(rate);
    double worst = 0;
    for (int trial = 0; trial < 200; ++trial) {
      const double found = rate_of(minute_of([&](int) { return arrivals(random); }));
      worst = std::max(worst, std::abs(found - rate) / std::sqrt(rate));
    }
    // Standard deviations of one second. The mean of a minute has 1/8 of one itself, and among 200
    // of them some have three times that. Few minutes are so uneven by chance that less of them
    // counts.
    EXPECT_LT(worst, 0.9) << rate;
  }
}

// As good as can be: the mean of a minute.
TEST(ArrivalRate, AnEvenMinuteCountsAsAWhole) {
  std::mt19937 random(1);
  std::poisson_distribution<int> arrivals(40);
  double squares = 0;
  for (int trial = 0; trial < 1000; ++trial) {
    const double error = rate_of(minute_of([&](int) { return arrivals(random); })) - 40;
    squares += error * error / 1000;
  }
  EXPECT_LT(squares, 1.2 * 40 / 60);
}

TEST(ArrivalRate, WhatIsGivenBackIsNoArrival) {
  EXPECT_EQ(rate_of(minute_of([](int) { return -20.0; })), 0);
  // A thousand sockets closed at once between two polls: the entries are of one second, the loss of
  // open sockets is spread over five.
  const auto closed = [](int s) { return 15.0 + (s == 2 ? 1000.0 : 0.0) - (s < 5 ? 200.0 : 0.0); };
  EXPECT_NEAR(rate_of(minute_of(closed)), 15, 0.01);
}

}  // namespace
}  // namespace timewait::analysis
