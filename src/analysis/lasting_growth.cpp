#include "analysis/lasting_growth.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace timewait::analysis {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double kPlain = 4.75;  // standard deviations: chance in one of a million
constexpr double kMost = 4;      // what chance makes within a growth, among many looks
constexpr int kFewest = 6;       // steps that tell how much they scatter
// Seconds; a shorter one, to the newest count, would tell more of chance than of the rest.
constexpr double kShortestStep = 2;

// What the open sockets gained in a stretch that ends now, from one count to the next.
struct Stretch {
  double seconds = 0;
  double gain = 0;
  double squares = 0;  // of the gains, each by its seconds
  int steps = 0;

  double rate() const { return gain / seconds; }
  double uncertainty() const { return variance() / seconds; }  // the variance of the rate

  // Of the gain, for each second, if the steps are independent. Connections that come and go by
  // themselves (Poisson) make it their number, which is that of those gained at least.
  double variance() const {
    const double scatter = std::max(0.0, squares - gain * rate()) / (steps - 1);
    return std::max(scatter, std::abs(rate()));
  }

  // What of it lies before the newer one.
  Stretch before(const Stretch& newer) const {
    return {seconds - newer.seconds, gain - newer.gain, squares - newer.squares,
            steps - newer.steps};
  }
};

// Student's t as the standard deviations of a normal distribution that are as unlikely (Wallace,
// "Bounds on Normal Approximations to Student's and the Chi-Square Distributions", 1959).
double standard_deviations(double t, int degrees_of_freedom) {
  const double n = degrees_of_freedom;
  return (8 * n + 1) / (8 * n + 3) * std::sqrt(n * std::log1p(t * t / n));
}

// The most that any stretch gained. By chance it may be the root of that at least, see
// Stretch::variance(), so what is below kPlain squared cannot be plain: most pools are told so.
double most_gained(std::span<const OpenCount> counts) {
  double least = counts.back().open;
  for (const OpenCount& count : counts) least = std::min(least, count.open);
  return counts.back().open - least;
}

// The stretches that end now, the shortest first.
class Stretches {
 public:
  // In steps of `step` seconds at least.
  Stretches(std::span<const OpenCount> counts, double step) {
    Stretch stretch;
    OpenCount later = counts.back();
    for (std::size_t i = counts.size() - 1; i-- > 0;) {
      const double seconds = Seconds(later.taken_at - counts[i].taken_at).count();
      if (seconds < step) continue;
      const double gain = later.open - counts[i].open;
      stretch.seconds += seconds;
      stretch.gain += gain;
      stretch.squares += gain * gain / seconds;
      ++stretch.steps;
      stretches_[count_++] = stretch;
      later = counts[i];
    }
  }

  std::span<const Stretch> all() const { return std::span(stretches_).first(count_); }

  // Whether no newest part of the last `seconds`, be it half of them or less, differs from what was
  // before it.
  bool go_on(double seconds) const {
    const auto longer = [=](const Stretch& stretch) { return stretch.seconds > seconds; };
    const auto whole = std::find_if(all().begin(), all().end(), longer) - 1;
    for (int steps = whole->steps / 2; steps > 0; steps /= 2) {
      const Stretch& newest = stretches_[static_cast<std::size_t>(steps - 1)];
      const Stretch rest = whole->before(newest);
      const double off = newest.gain - rest.rate() * newest.seconds;
      const double chance = rest.variance() * newest.seconds * whole->seconds / rest.seconds;
      if (std::abs(off) > kMost * std::sqrt(chance)) return false;
    }
    return true;
  }

  // How many more are gained in the end. Growth that is plainly slower than in as long a time
  // before is taken to slow down on and on, as a pool does that fills up to what it needs.
  double still_to_come() const {
    double plainest = kMost;
    double to_come = std::numeric_limits<double>::infinity();
    for (std::size_t i = kFewest - 1; 2 * i + 1 < count_; ++i) {
      const Stretch& newer = stretches_[i];
      const Stretch older = stretches_[2 * i + 1].before(newer);
      const double slower = older.rate() - newer.rate();
      const double plain = slower / std::sqrt(older.uncertainty() + newer.uncertainty());
      if (newer.gain <= 0 || plain < plainest) continue;
      plainest = plain;
      to_come = newer.gain * newer.rate() / slower;
    }
    return to_come;
  }

 private:
  std::array<Stretch, OpenSockets::kMaxCounts> stretches_;
  std::size_t count_ = 0;
};

// The pool was not as full before: of late it was, on average, fuller than in that share of the
// time before.
bool is_fuller_than_before(std::span<const OpenCount> counts, Seconds lately, double share) {
  std::array<double, OpenSockets::kMaxCounts> before;
  std::size_t older = 0;
  double sum = 0;
  for (const OpenCount& count : counts) {
    if (counts.back().taken_at - count.taken_at > lately) {
      before[older++] = count.open;
    } else {
      sum += count.open;
    }
  }
  if (older == 0) return true;
  const auto mark =
      before.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(older - 1));
  std::nth_element(before.begin(), mark, before.begin() + static_cast<std::ptrdiff_t>(older));
  return sum / static_cast<double>(counts.size() - older) >= *mark;
}

}  // namespace

Growth steady_growth(std::span<const OpenCount> counts) {
  constexpr double kShortest = 60;  // seconds
  if (most_gained(counts) < kPlain * kPlain) return {};
  const Stretches finest(counts, kShortestStep);
  double plainest = kPlain;
  double rate = 0;
  // What comes and goes at once averages out in long steps, a growth that is young shows in short.
  for (const double step : {kShortestStep, 8.0, 16.0, 32.0}) {
    const Stretches stretches(counts, step);
    for (const Stretch& stretch : stretches.all()) {
      if (stretch.seconds < kShortest || stretch.steps < kFewest || stretch.gain <= 0) continue;
      const double t = stretch.gain / std::sqrt(stretch.variance() * stretch.seconds);
      if (t < plainest) continue;
      const double plain = standard_deviations(t, stretch.steps - 1);
      if (plain < plainest || !finest.go_on(stretch.seconds)) continue;
      plainest = plain;
      rate = stretch.rate();
    }
  }
  if (rate == 0 || !is_fuller_than_before(counts, Seconds(120), 0.9)) return {};
  return {rate, finest.still_to_come()};
}

Growth quick_growth(const PerSecond& growth, std::span<const OpenCount> counts, Timing timing) {
  constexpr std::size_t kShortTerm = 5;  // it still goes on
  constexpr std::size_t kLongTerm = 15;  // and has lasted
  const auto gained_in = [&](std::size_t seconds) {
    return std::accumulate(growth.begin(), growth.begin() + static_cast<std::ptrdiff_t>(seconds),
                           0.0);
  };
  const double gained = gained_in(kLongTerm);
  // Connections that come and go by themselves (Poisson) differ by less in all but one of a
  // thousand cases.
  const double open = counts.back().open;
  const double before = std::max(0.0, open - gained);
  if (gained <= std::max(1.0, 3 * std::sqrt(open + before))) return {};
  if (!is_fuller_than_before(counts, Seconds(kLongTerm), 1)) return {};
  const double lately = std::max(0.0, gained_in(kShortTerm) / kShortTerm);
  return {std::min(arrival_rate(growth, timing), lately)};
}

}  // namespace timewait::analysis
