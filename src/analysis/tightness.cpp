#include "analysis/tightness.h"

#include <algorithm>
#include <numeric>

namespace timewait::analysis {
namespace {

// Ports that connect() cannot have, less those it could take over.
std::int64_t lost_ports(const PoolTally& pool) {
  return std::int64_t{pool.ports.used} - pool.ports.reusable;
}

}  // namespace

bool is_tighter(const PoolTally& a, const PoolTally& b) {
  if (lost_ports(a) != lost_ports(b)) return lost_ports(a) > lost_ports(b);
  if (a.ports.used != b.ports.used) return a.ports.used > b.ports.used;
  const std::uint32_t sockets_of_a = a.sockets.total();
  const std::uint32_t sockets_of_b = b.sockets.total();
  if (sockets_of_a != sockets_of_b) return sockets_of_a > sockets_of_b;
  return a.key < b.key;
}

std::vector<std::uint32_t> tightest(std::span<const PoolTally> pools, std::size_t count) {
  const auto tighter = [pools](std::uint32_t a, std::uint32_t b) {
    return is_tighter(pools[a], pools[b]);
  };
  const auto size = static_cast<std::uint32_t>(pools.size());
  std::vector<std::uint32_t> numbers(std::min(count, pools.size()));
  std::iota(numbers.begin(), numbers.end(), 0u);
  if (numbers.empty()) return numbers;
  std::make_heap(numbers.begin(), numbers.end(), tighter);
  for (auto number = static_cast<std::uint32_t>(numbers.size()); number < size; ++number) {
    if (!tighter(number, numbers.front())) continue;
    std::pop_heap(numbers.begin(), numbers.end(), tighter);
    numbers.back() = number;
    std::push_heap(numbers.begin(), numbers.end(), tighter);
  }
  std::sort_heap(numbers.begin(), numbers.end(), tighter);
  return numbers;
}

TightestRemotes::TightestRemotes(std::span<const PoolTally> pools, std::size_t count)
    : pools_(pools), count_(count) {}

void TightestRemotes::offer(std::uint32_t number) {
  if (count_ == 0) return;
  const auto [entry, is_new] = pool_of_.try_emplace(pools_[number].key.remote, number);
  if (is_tighter(pools_[number], pools_[entry->second])) entry.value() = number;
  if (pool_of_.size() > 2 * count_) drop_surplus();
}

std::vector<std::uint32_t> TightestRemotes::found() const {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(pool_of_.size());
  for (const auto& [remote, number] : pool_of_) numbers.push_back(number);
  std::sort(numbers.begin(), numbers.end(),
            [this](std::uint32_t a, std::uint32_t b) { return is_tighter(pools_[a], pools_[b]); });
  numbers.resize(std::min(count_, numbers.size()));
  return numbers;
}

void TightestRemotes::drop_surplus() {
  const std::vector<std::uint32_t> numbers = found();
  bar_ = numbers.back();
  pool_of_.clear();
  for (const std::uint32_t number : numbers) pool_of_.emplace(pools_[number].key.remote, number);
}

}  // namespace timewait::analysis
