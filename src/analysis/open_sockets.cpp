#include "analysis/open_sockets.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace timewait::analysis {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::chrono::seconds kSecond{1};

// How much of the stretch from `begin` to `end`, in seconds ago, lies in a second.
double overlap(double begin, double end, std::size_t second) {
  const auto newest = static_cast<double>(second);
  return std::max(0.0, std::min(begin, newest + 1) - std::max(end, newest));
}

// No two are nearer to each other than the distance, but for the newest.
void append(std::vector<OpenCount>& counts, const OpenCount& newest, std::chrono::seconds distance,
            std::chrono::seconds memory) {
  const std::size_t size = counts.size();
  if (size >= 2 && counts[size - 1].taken_at - counts[size - 2].taken_at < distance) {
    counts.pop_back();
  }
  counts.push_back(newest);
  while (counts.size() > 2 && newest.taken_at - counts[1].taken_at >= memory) {
    counts.erase(counts.begin());
  }
}

}  // namespace

void OpenSockets::begin(Clock::time_point now) {
  now_ = now;
  for (auto entry = histories_.begin(); entry != histories_.end(); ++entry) {
    entry.value().updated = false;
  }
}

OpenSockets::Course OpenSockets::update(const PoolKey& pool, std::uint32_t open) {
  const auto [entry, is_new] = histories_.try_emplace(pool);
  History& history = entry.value();
  history.updated = true;
  const auto add = [&history](const OpenCount& count) {
    append(history.minute, count, kSecond, std::chrono::seconds(kMinute));
    append(history.counts, count, kCountDistance, kMemory);
  };
  if (is_new && last_poll_saw_all_) add({last_poll_, 0});
  add({now_, static_cast<double>(open)});
  return {growth_of(history.minute), history.counts, now_ - history.minute.front().taken_at};
}

void OpenSockets::end(bool all_updated) {
  for (auto entry = histories_.begin(); entry != histories_.end();) {
    entry = entry->second.updated ? std::next(entry) : histories_.erase(entry);
  }
  last_poll_ = now_;
  last_poll_saw_all_ = all_updated;
}

PerSecond OpenSockets::growth_of(const std::vector<OpenCount>& minute) const {
  PerSecond growth{};
  const auto age = [this](const OpenCount& count) {
    return Seconds(now_ - count.taken_at).count();
  };
  for (std::size_t i = 1; i < minute.size(); ++i) {
    const double begin = age(minute[i - 1]);
    const double end = age(minute[i]);
    if (begin <= end) continue;
    const double rate = (minute[i].open - minute[i - 1].open) / (begin - end);
    const auto last = std::min(kMinute, static_cast<std::size_t>(begin) + 1);
    for (auto second = static_cast<std::size_t>(end); second < last; ++second) {
      growth[second] += rate * overlap(begin, end, second);
    }
  }
  return growth;
}

}  // namespace timewait::analysis
