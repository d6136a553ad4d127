// The forecast from poll to poll, against what comes of the load: hours, played within seconds.
// Each scene prints the row that FORECAST.md has of it.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <numeric>

#include <gtest/gtest.h>

#include "simulated_pool.h"

namespace timewait::analysis {
namespace {

constexpr unsigned kRuns = 5;  // of each leak; differently by chance

std::function<double(double)> always(double rate) {
  return [rate](double) { return rate; };
}

// So many a second for that long.
std::function<double(double)> between(double begin, double end, double rate) {
  return [=](double now) { return now >= begin && now < end ? rate : 0; };
}

Traffic for_a_moment(double rate) { return {always(rate), 0.5}; }

Traffic closed_by_the_peer(double rate, double lifetime) {
  return {always(rate), lifetime, /*closed_here=*/false};
}

std::string name_of(const testing::TestParamInfo<SimulatedLoad>& info) {
  std::string name = info.param.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

class Leak : public testing::TestWithParam<SimulatedLoad> {};

// How many of the connections that come and go hold a port, at any time.
double coming_and_going(const SimulatedLoad& load) {
  double sum = 0;
  for (const Traffic& traffic : load.traffic) {
    if (traffic.mean_lifetime == kForGood) continue;
    sum += traffic.rate(0) * (traffic.mean_lifetime + (traffic.closed_here ? 61 : 0));
  }
  return sum;
}

// `rate` a second that stay, from second 0 on. The pool is half full before at least.
SimulatedLoad leak_of(double rate, std::string name, double standing, double ports_left,
                      std::vector<Traffic> others) {
  SimulatedLoad load;
  load.name = std::move(name);
  load.traffic = std::move(others);
  load.standing = static_cast<std::uint32_t>(standing);
  load.ports = static_cast<std::uint32_t>(standing + coming_and_going(load) + ports_left);
  load.traffic.push_back({between(0, kForGood, rate), kForGood, true, /*at_random=*/false});
  load.warm_up = 300;
  load.seconds = 4'000;
  return load;
}

// Once it has lasted, it is foretold at every poll, within 5 % and the poll interval. By chance
// there are now more, now fewer of those that come and go; the leak takes its time for that.
TEST_P(Leak, IsForetold) {
  const SimulatedLoad& load = GetParam();
  const double leak_rate = load.traffic.back().rate(0);
  const double chance = std::sqrt(coming_and_going(load)) / leak_rate;
  const double lasted = leak_rate >= 10 ? 90 : 330;
  double believed_at = 0;
  std::vector<double> errors;
  std::size_t far_off = 0;
  for (unsigned run = 1; run <= kRuns; ++run) {
    const SimulatedRecord record = simulate(load, run);
    ASSERT_TRUE(record.exhausted_at);
    const auto first = std::find_if(record.forecasts.begin(), record.forecasts.end(),
                                    [](const Forecast& each) { return each.seconds != kForGood; });
    ASSERT_NE(first, record.forecasts.end());
    believed_at = std::max(believed_at, first->at);
    for (const Forecast& each : record.forecasts) {
      if (each.at < lasted) continue;
      EXPECT_LT(each.seconds, kForGood) << each.at;
      const double left = *record.exhausted_at - each.at;
      errors.push_back(std::abs(each.seconds - left));
      if (errors.back() > 0.05 * left + load.poll_interval + 4 * chance) ++far_off;
    }
  }
  EXPECT_LE(believed_at, lasted);
  EXPECT_LE(far_off, errors.size() / 100);
  std::sort(errors.begin(), errors.end());
  const double sum = std::accumulate(errors.begin(), errors.end(), 0.0);
  std::printf("| %s | %.0f s | %.0f s | %.1f s | %.1f s | %.1f s |\n", load.name.c_str(),
              (load.ports - load.standing - coming_and_going(load)) / leak_rate, believed_at,
              sum / static_cast<double>(errors.size()), errors[errors.size() * 95 / 100], chance);
}

INSTANTIATE_TEST_SUITE_P(
    All, Leak,
    testing::Values(
        leak_of(10, "10/s on 6,200, 30/s come and go", 6'200, 1'900, {for_a_moment(30)}),
        leak_of(10, "10/s on 100, 30/s come and go", 100, 3'000, {for_a_moment(30)}),
        leak_of(10, "10/s on 20,000, 30/s come and go", 20'000, 3'000, {for_a_moment(30)}),
        leak_of(10, "10/s on 20,000, nothing else", 20'000, 3'000, {}),
        leak_of(50, "50/s on 15,000, 30/s come and go", 15'000, 8'000, {for_a_moment(30)}),
        leak_of(100, "100/s on 100, nothing else", 100, 20'000, {}),
        leak_of(10, "10/s on 5,000, 30/s for 30 s each", 5'000, 5'000, {{always(30), 30}}),
        leak_of(10, "10/s on 5,000, 30/s for 30 s each, which the peer closes", 5'000, 5'000,
                {closed_by_the_peer(30, 30)}),
        leak_of(1, "1/s on 6,000, nothing else", 6'000, 1'400, {}),
        leak_of(1, "1/s on 6,000, 30/s come and go", 6'000, 1'400, {for_a_moment(30)}),
        leak_of(0.2, "0.2/s on 20,000, nothing else", 20'000, 400, {})),
    name_of);

class NoLeak : public testing::TestWithParam<SimulatedLoad> {};

// A hour of it, with nothing foretold but perhaps at the beginning, when there is nothing to
// compare with: before second `learned_by`.
TEST_P(NoLeak, IsNotForetold) {
  const SimulatedLoad& load = GetParam();
  int finite = 0;
  int all = 0;
  double most = 0;
  const SimulatedRecord record = simulate(load, 1);
  ASSERT_FALSE(record.exhausted_at);
  for (const Forecast& each : record.forecasts) {
    most = std::max(most, each.used / load.ports);
    ++all;
    if (each.seconds == kForGood) continue;
    ++finite;
    EXPECT_LT(each.at, load.learned_by);
  }
  std::printf("| %s | %.0f%% | %d of %d |\n", load.name.c_str(), 100 * most, finite, all);
}

SimulatedLoad calm(std::string name, std::uint32_t standing, std::vector<Traffic> traffic,
                   double poll_interval = 5) {
  SimulatedLoad load;
  load.name = std::move(name);
  load.standing = standing;
  load.traffic = std::move(traffic);
  for (const Traffic& each : load.traffic) {
    load.warm_up = std::max(load.warm_up, 5 * (each.mean_lifetime + 61));
  }
  load.seconds = 3'600;
  load.poll_interval = poll_interval;
  return load;
}

// Grows evenly by `rate` a second, and is emptied at the end of each period.
SimulatedLoad sawtooth(std::string name, double period, double rate) {
  SimulatedLoad load = calm(std::move(name), 2'000, {for_a_moment(30)});
  load.traffic.push_back({between(0, kForGood, rate), kForGood, true, /*at_random=*/false});
  load.resets = [=](double now) { return now > 0 && std::fmod(now, period) < 0.02; };
  load.learned_by = std::max(60.0, 3 * period);
  return load;
}

// A pool whose load goes up and down by half, evenly; the peer closes.
SimulatedLoad breathing(std::string name, double period) {
  const auto rate = [=](double now) {
    return 300 + 150 * std::sin(2 * std::numbers::pi * now / period);
  };
  SimulatedLoad load = calm(std::move(name), 1'000, {{rate, 10, /*closed_here=*/false}});
  load.learned_by = 2 * period;
  return load;
}

SimulatedLoad settling(std::string name, double rate, double lifetime) {
  SimulatedLoad load = calm(std::move(name), 500, {closed_by_the_peer(rate, lifetime)});
  load.warm_up = 0;
  load.learned_by = 2 * lifetime + 60;
  return load;
}

// While what is opened comes at an even pace, nothing tells it from a leak.
SimulatedLoad deployed(std::string name, double seconds, double rate, double lifetime) {
  SimulatedLoad load = calm(std::move(name), 6'000, {for_a_moment(30)});
  load.traffic.push_back({between(300, 300 + seconds, rate), lifetime, /*closed_here=*/false});
  load.learned_by = 300 + seconds + 15;
  return load;
}

INSTANTIATE_TEST_SUITE_P(
    All, NoLeak,
    testing::Values(
        calm("6,000 stand, 30/s come and go", 6'000, {for_a_moment(30)}),
        calm("400/s come and go", 2'000, {for_a_moment(400)}),
        calm("300/s for a minute each, which the peer closes", 0, {closed_by_the_peer(300, 60)}),
        calm("100/s for a minute each, a poll a second", 0, {closed_by_the_peer(100, 60)}, 1),
        calm("20/s for ten minutes each, which the peer closes", 0, {closed_by_the_peer(20, 600)}),
        calm("30/s for half a minute each", 6'000, {{always(30), 30}}),
        calm("the same, a poll a minute", 6'000, {{always(30), 30}}, 60),
        sawtooth("sawtooth, 100/s, emptied every 10 s", 10, 100),
        sawtooth("sawtooth, 20/s, emptied every minute", 60, 20),
        sawtooth("sawtooth, 10/s, emptied every 5 min", 300, 10),
        breathing("breathes by half in 2 min", 120), breathing("breathes by half in 5 min", 300),
        settling("100/s for 20 s each, from none", 100, 20),
        settling("50/s for a minute each, from none", 50, 60),
        deployed("a deploy opens 3,000, for a minute", 5, 600, 60),
        deployed("a deploy opens 3,000, for good", 5, 600, kForGood)),
    name_of);

}  // namespace
}  // namespace timewait::analysis
