#include "analysis/open_sockets.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace timewait::analysis {
namespace {

using Seconds = std::chrono::duration<double>;

// Two samples are no nearer to each other, but for the newest.
constexpr Seconds kSampleDistance{1};

// How much of the stretch from `begin` to `end`, in seconds ago, lies in a second.
double overlap(double begin, double end, std::size_t second) {
  const auto newest = static_cast<double>(second);
  return std::max(0.0, std::min(begin, newest + 1) - std::max(end, newest));
}

}  // namespace

void OpenSockets::begin(Clock::time_point now) {
  now_ = now;
  for (auto entry = histories_.begin(); entry != histories_.end(); ++entry) {
    entry.value().updated = false;
  }
}

PerSecond OpenSockets::update(const PoolKey& pool, std::uint32_t open) {
  const auto [entry, is_new] = histories_.try_emplace(pool);
  History& history = entry.value();
  history.updated = true;
  if (is_new && last_poll_saw_all_) history.samples.push_back({last_poll_, 0});
  append(history.samples, open);
  return growth_of(history.samples);
}

void OpenSockets::end(bool all_updated) {
  for (auto entry = histories_.begin(); entry != histories_.end();) {
    entry = entry->second.updated ? std::next(entry) : histories_.erase(entry);
  }
  last_poll_ = now_;
  last_poll_saw_all_ = all_updated;
}

void OpenSockets::append(std::vector<Sample>& samples, std::uint32_t open) const {
  const std::size_t count = samples.size();
  if (count >= 2 && samples[count - 1].taken_at - samples[count - 2].taken_at < kSampleDistance) {
    samples.pop_back();
  }
  samples.push_back({now_, static_cast<double>(open)});
  // One that is older than the minute stays: it tells what the minute began with.
  while (samples.size() > 2 && now_ - samples[1].taken_at >= Seconds(kMinute)) {
    samples.erase(samples.begin());
  }
}

PerSecond OpenSockets::growth_of(const std::vector<Sample>& samples) const {
  PerSecond growth{};
  const auto age = [this](const Sample& sample) { return Seconds(now_ - sample.taken_at).count(); };
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const double begin = age(samples[i - 1]);
    const double end = age(samples[i]);
    if (begin <= end) continue;
    const double rate = (samples[i].open - samples[i - 1].open) / (begin - end);
    const auto last = std::min(kMinute, static_cast<std::size_t>(begin) + 1);
    for (auto second = static_cast<std::size_t>(end); second < last; ++second) {
      growth[second] += rate * overlap(begin, end, second);
    }
  }
  return growth;
}

}  // namespace timewait::analysis
