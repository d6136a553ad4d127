#include "analysis/arrival_rate.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>
#include <span>

namespace timewait::analysis {
namespace {

constexpr std::size_t kRecentSeconds = 15;  // more than half of them make a load
constexpr std::size_t kLongestRhythm = 20;  // so that a minute shows it three times
constexpr std::size_t kFreshSeconds = 5;    // all alike make one too
constexpr std::size_t kFewSeconds = 4;
constexpr std::size_t kQuietSeconds = 3;  // beyond the rhythm: then a load has stopped

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median(std::span<const double> values) {
  PerSecond sorted;
  const auto end = std::copy(values.begin(), values.end(), sorted.begin());
  std::sort(sorted.begin(), end);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// By how much the arrivals of `seconds` seconds at `rate` differ from one time to the next, as a
// rate: two standard deviations of a Poisson process, which is one arrival at least.
double noise(double rate, std::size_t seconds) {
  const auto length = static_cast<double>(seconds);
  return 2 * std::sqrt(std::max(rate, 1 / length) / length);
}

// Whether chance alone (Poisson) would scatter the arrivals around their mean as they are, over the
// minute as at its ends: they are those of one load, which neither began nor changed.
bool is_even(const PerSecond& arrivals, double average) {
  constexpr double kMost = 3;  // standard deviations
  const auto differs = [=](std::span<const double> some) {
    const auto length = static_cast<double>(some.size());
    return std::abs(mean(some) - average) > kMost * std::sqrt(average / length);
  };
  const std::span all(arrivals);
  for (std::size_t length = 1; length <= kMinute / 2; length *= 2) {
    if (differs(all.first(length)) || differs(all.last(length))) return false;
  }
  double scatter = 0;
  for (const double count : arrivals) scatter += (count - average) * (count - average);
  constexpr double kDegreesOfFreedom = kMinute - 1;
  return scatter <= average * (kDegreesOfFreedom + kMost * std::sqrt(2 * kDegreesOfFreedom));
}

// Seconds from one surge to the next, if arrivals come in surges, with ebbs between; else 1. A
// single surge is a burst, and two may be chance.
std::size_t rhythm(const PerSecond& arrivals) {
  const double average = std::max(0.0, mean(arrivals));
  const double high = average + noise(average, 1);
  const double low = std::max(average - noise(average, 1), 0.5);
  std::optional<std::size_t> last_surge;
  std::size_t longest = 0;
  int surges = 0;
  bool ebbed = true;
  for (std::size_t second = kMinute; second-- > 0;) {
    if (arrivals[second] < low) ebbed = true;
    if (arrivals[second] <= high || !ebbed) continue;
    if (last_surge) longest = std::max(longest, *last_surge - second);
    last_surge = second;
    ebbed = false;
    ++surges;
  }
  return surges >= 3 && longest <= kLongestRhythm ? longest : 1;
}

// The rates over stretches of `length` seconds, the newest first: as many as a minute has.
class Stretches {
 public:
  Stretches(const PerSecond& arrivals, std::size_t length) : count_(kMinute / length) {
    for (std::size_t i = 0; i < count_; ++i) {
      rates_[i] = mean(std::span(arrivals).subspan(i * length, length));
    }
  }

  std::span<const double> rates() const { return std::span(rates_).first(count_); }

 private:
  PerSecond rates_{};
  std::size_t count_;
};

// The mean of some rates, and by how much it may be off.
struct Estimate {
  double rate = 0;
  double uncertainty = 0;  // three standard errors, as the rates scatter
  std::size_t count = 0;
};

// Of those of the `rates` that are about as high as `level`; their spread is that of stretches of
// `length` seconds.
Estimate mean_near(std::span<const double> rates, double level, std::size_t length) {
  const double tolerance = std::max(noise(level, length), level / 5);
  double sum = 0;
  double squares = 0;
  std::size_t count = 0;
  for (const double rate : rates) {
    if (std::abs(rate - level) > tolerance) continue;
    sum += rate;
    squares += rate * rate;
    ++count;
  }
  if (count == 0) return {};
  const auto n = static_cast<double>(count);
  const double variance = std::max(0.0, squares / n - sum / n * (sum / n));
  return {sum / n, 3 * std::sqrt(variance / n), count};
}

// The estimate is that of the newest `count` of the rates. As long as what lies before was no
// different, it makes it steadier.
double lengthen(std::span<const double> rates, std::size_t count, const Estimate& newest) {
  // Both are uncertain.
  const double tolerance = std::max(newest.rate / 20, std::numbers::sqrt2 * newest.uncertainty);
  double sum = newest.rate;
  int parts = 1;
  for (std::size_t begin = count; begin + count <= rates.size(); begin += count) {
    const double older = mean(rates.subspan(begin, count));
    if (std::abs(older - newest.rate) > tolerance) break;
    sum += older;
    ++parts;
  }
  return sum / parts;
}

// The highest of the rates that are lower than `level`, and not negative; 0 if there is none.
double next_below(double level, std::span<const double> rates) {
  double highest = 0;
  for (const double rate : rates) {
    if (rate < level) highest = std::max(highest, rate);
  }
  return highest;
}

// Where the newest seconds are all alike, a load has begun and goes on; a burst would be over.
std::optional<double> fresh_load(const PerSecond& arrivals) {
  const std::span<const double> newest = std::span(arrivals).first(kFreshSeconds);
  const double level = mean(newest);
  const Estimate alike = mean_near(newest, level, 1);
  if (alike.count < kFreshSeconds) return std::nullopt;
  // As far back as it has lasted, without the second in which it began.
  std::size_t seconds = kFreshSeconds;
  while (seconds < kRecentSeconds && mean_near({&arrivals[seconds], 1}, level, 1).count == 1) {
    ++seconds;
  }
  return mean(std::span(arrivals).first(seconds));
}

}  // namespace

double arrival_rate(const PerSecond& arrivals, Timing timing) {
  const double average = mean(arrivals);
  if (average > 0 && is_even(arrivals, average)) return average;
  const std::size_t length = rhythm(arrivals);
  const Stretches stretches(arrivals, length);
  const std::span<const double> rates = stretches.rates();
  const std::size_t recent = std::max<std::size_t>(kRecentSeconds / length, 3);
  const double level = std::max(0.0, median(rates.first(recent)));

  const std::span<const double> newest =
      std::span(arrivals).first(std::min(length + kQuietSeconds, kMinute));
  if (std::all_of(newest.begin(), newest.end(), [&](double n) { return n < level / 2; })) {
    return std::max(0.0, mean(newest));
  }
  if (length == 1) {
    const std::optional<double> fresh = fresh_load(arrivals);
    // Between two polls a burst is as even as a load; but not if there was much before it.
    const bool believed = timing == Timing::kExact || (fresh && level > *fresh / 3);
    if (fresh && believed && *fresh > level + 2 * noise(level, kFreshSeconds)) return *fresh;
  }
  Estimate estimate = mean_near(rates.first(recent), level, length);
  // A level that hardly another second shares is that of the second in which a load began.
  if (length == 1 && estimate.count < kFewSeconds) {
    estimate = mean_near(rates.first(recent), next_below(level, rates.first(recent)), length);
  }
  return std::max(0.0, lengthen(rates, recent, estimate));
}

}  // namespace timewait::analysis
