#include "analysis/pool_table.h"

#include <algorithm>
#include <limits>

namespace timewait::analysis {
namespace {

constexpr auto kNone = std::numeric_limits<std::uint32_t>::max();

// The pool that an outbound socket takes its port from.
PoolKey pool_of(const reading::SocketRecord& socket) {
  const bool needs_zone = socket.remote.address.is_link_local();
  return {socket.local.address, socket.remote, needs_zone ? socket.interface : 0};
}

void count(PortUse& use, bool reusable) {
  ++use.used;
  if (reusable) ++use.reusable;
}

void count(TimeWaitAges& ages, std::uint16_t age_milliseconds) {
  const std::size_t second = age_milliseconds / 1000u;
  ++(second < kMinute ? ages.entered[second] : ages.overdue);
}

// A dump of changing tables may show a socket twice, and the successor beside a reused TIME_WAIT.
PortUse at_most(std::uint32_t ports, const PortUse& use) {
  const std::uint32_t used = std::min(use.used, ports);
  return {used, std::min(use.reusable, used)};
}

// The sockets that a pool has at most.
std::uint32_t size_limit(const PoolTally& pool) { return pool.sockets.total() + pool.may_lack; }

}  // namespace

void PoolTable::clear() {
  evicted_size_ = 0;
  pools_.clear();
  numbers_.clear();
  time_waits_.clear();
}

PoolTally& PoolTable::tally_of(const reading::SocketRecord& socket) {
  const PoolKey key = pool_of(socket);
  const auto [entry, is_new] = numbers_.try_emplace(key, static_cast<std::uint32_t>(pools_.size()));
  if (is_new) {
    pools_.push_back({key});
    pools_.back().may_lack = evicted_size_;
  }
  return pools_[entry->second];
}

void PoolTable::add(const reading::SocketRecord& socket, const UsablePorts& usable,
                    const reading::TcpSettings& settings, bool entered_time_wait) {
  PoolTally& pool = tally_of(socket);
  ++pool.sockets[socket.state];
  if (entered_time_wait) ++pool.time_wait_entered;
  if (!usable.contains(socket.local.port)) return;

  const bool reusable = is_reusable(socket, settings);
  count(pool.ports, reusable);
  if (usable.tried_first(socket.local.port)) count(pool.first_half, reusable);
  if (socket.state != inet::TcpState::kTimeWait) return;
  ++pool.time_waits_used;
  const auto age = reading::kTimeWaitLength - socket.time_wait_left;
  time_waits_.push_back(
      {static_cast<std::uint32_t>(&pool - pools_.data()), static_cast<std::uint16_t>(age.count())});
}

// Why so little is missing: evicted_size_ rises to what half of the pools or more have, so each
// unit of it takes as many sockets of the poll as half of the pools are, and no socket is taken
// twice. The sockets of a pool that were evicted, however often, are no more than what it rises to.
void PoolTable::evict(const std::function<bool(const PoolKey&)>& is_spared,
                      const std::function<void(const PoolTally&)>& take) {
  std::vector<bool> spared;
  spared.reserve(pools_.size());
  for (const PoolTally& pool : pools_) spared.push_back(is_spared(pool.key));
  evicted_size_ = median_size(spared);

  std::vector<std::uint32_t> new_numbers(pools_.size(), kNone);
  std::uint32_t kept = 0;
  numbers_.clear();
  for (std::uint32_t number = 0; number < pools_.size(); ++number) {
    if (!spared[number] && size_limit(pools_[number]) <= evicted_size_) {
      take(pools_[number]);
      continue;
    }
    numbers_.emplace(pools_[number].key, kept);
    new_numbers[number] = kept;
    pools_[kept++] = pools_[number];
  }
  pools_.resize(kept);
  renumber_time_waits(new_numbers);
}

std::uint32_t PoolTable::median_size(const std::vector<bool>& spared) const {
  std::vector<std::uint32_t> sizes;
  sizes.reserve(pools_.size());
  for (std::size_t number = 0; number < pools_.size(); ++number) {
    if (!spared[number]) sizes.push_back(size_limit(pools_[number]));
  }
  if (sizes.empty()) return evicted_size_;
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  return *middle;
}

void PoolTable::renumber_time_waits(std::span<const std::uint32_t> new_numbers) {
  std::erase_if(time_waits_,
                [&](const TimeWait& time_wait) { return new_numbers[time_wait.pool] == kNone; });
  for (TimeWait& time_wait : time_waits_) time_wait.pool = new_numbers[time_wait.pool];
}

std::vector<TimeWaitAges> PoolTable::ages_of(std::span<const std::uint32_t> wanted) const {
  std::vector<TimeWaitAges> ages(wanted.size());
  std::vector<std::uint32_t> place_of(pools_.size(), kNone);
  for (std::uint32_t place = 0; place < wanted.size(); ++place) place_of[wanted[place]] = place;
  for (const TimeWait& time_wait : time_waits_) {
    const std::uint32_t place = place_of[time_wait.pool];
    if (place != kNone) count(ages[place], time_wait.age_milliseconds);
  }
  return ages;
}

Headroom headroom_of(const PoolTally& pool, const PortCapacity& capacity) {
  const PortUse all = at_most(capacity.ports, pool.ports);
  const PortUse first = at_most(capacity.first_half, pool.first_half);
  return {capacity.ports, all.used, all.reusable,
          capacity.first_half - first.used + first.reusable};
}

}  // namespace timewait::analysis
