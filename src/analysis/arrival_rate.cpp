#include "analysis/arrival_rate.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>

namespace timewait::analysis {
namespace {

constexpr std::size_t kRecentSeconds = 15;  // more than half of them make a load
constexpr std::size_t kLongestRhythm = 20;  // so that a minute shows it three times
constexpr std::size_t kQuietSeconds = 3;    // beyond the rhythm: then a load has stopped

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
// rate: two standard deviations of a Poisson process.
double noise(double rate, std::size_t seconds) {
  return 2 * std::sqrt(rate / static_cast<double>(seconds));
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

// The mean of those of the `rates` that are about as high as `level`; their spread is that of
// stretches of `length` seconds.
double mean_near(std::span<const double> rates, double level, std::size_t length) {
  const double tolerance = std::max(noise(level, length), level / 5);
  double sum = 0;
  int count = 0;
  for (const double rate : rates) {
    if (std::abs(rate - level) > tolerance) continue;
    sum += rate;
    ++count;
  }
  return count == 0 ? level : sum / count;
}

// `rate` is that of the newest `count` of the rates. As long as what lies before it was no
// different, it makes the estimate steadier.
double lengthen(std::span<const double> rates, std::size_t count, double rate, std::size_t length) {
  double sum = rate;
  int parts = 1;
  for (std::size_t begin = count; begin + count <= rates.size(); begin += count) {
    const double older = mean(rates.subspan(begin, count));
    if (std::abs(older - rate) > 2 * noise(rate, count * length)) break;
    sum += older;
    ++parts;
  }
  return sum / parts;
}

}  // namespace

double arrival_rate(const PerSecond& arrivals) {
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
  const double rate = mean_near(rates.first(recent), level, length);
  return std::max(0.0, lengthen(rates, recent, rate, length));
}

}  // namespace timewait::analysis
