#include "analysis/pool_table.h"

#include <algorithm>
#include <limits>

namespace timewait::analysis {
namespace {

constexpr auto kNone = std::numeric_limits<std::uint32_t>::max();

// Without branches, which the processor could not foresee.
void count(PortUse& use, bool used, bool reusable) {
  use.used += used;
  use.reusable += used && reusable;
}

void count(TimeWaitAges& ages, std::uint32_t age_seconds) {
  ++(age_seconds < kMinute ? ages.entered[age_seconds] : ages.overdue);
}

std::uint32_t age_in_seconds(const reading::SocketRecord& time_wait) {
  const auto age = reading::kTimeWaitLength - time_wait.time_wait_left;
  return static_cast<std::uint32_t>(age.count()) / 1000;
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
  index_.clear();
  time_waits_.clear();
}

std::uint32_t PoolTable::number_of(const reading::SocketRecord& socket,
                                   const reading::TcpSettings& settings) {
  const inet::Address& local = socket.local.address;
  const std::uint32_t zone = zone_of(socket);
  const std::uint32_t number = index_.number_of(local, socket.remote, zone, pools_);
  if (number == pools_.size()) {
    pools_.emplace_back(PoolKey{local, socket.remote, zone},
                        may_reuse(local, socket.remote.address, settings), evicted_size_);
  }
  return number;
}

void PoolTable::add(const reading::SocketRecord& socket, const UsablePorts& usable,
                    const reading::TcpSettings& settings, const SocketHistory& history) {
  const std::uint32_t number = number_of(socket, settings);
  PoolTally& pool = pools_[number];
  ++pool.sockets[socket.state];
  pool.time_wait_entered += history.entered_time_wait;
  pool.lasting_close_waits += history.lasts_in_close_wait;
  if (!usable.contains(socket.local.port)) return;

  const bool reusable = is_reusable(socket, pool.may_reuse, settings);
  count(pool.ports, true, reusable);
  count(pool.first_half, usable.tried_first(socket.local.port), reusable);
  if (socket.state != inet::TcpState::kTimeWait) return;
  ++pool.time_waits_used;
  time_waits_.emplace_back(number, age_in_seconds(socket));
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
  for (std::uint32_t number = 0; number < pools_.size(); ++number) {
    if (!spared[number] && size_limit(pools_[number]) <= evicted_size_) {
      take(pools_[number]);
      continue;
    }
    new_numbers[number] = kept;
    pools_[kept++] = pools_[number];
  }
  pools_.resize(kept);
  index_.rebuild(pools_);
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
                [&](const TimeWait& time_wait) { return new_numbers[time_wait.pool()] == kNone; });
  for (TimeWait& time_wait : time_waits_) {
    time_wait = {new_numbers[time_wait.pool()], time_wait.age_seconds()};
  }
}

std::vector<TimeWaitAges> PoolTable::ages_of(std::span<const std::uint32_t> wanted) const {
  std::vector<TimeWaitAges> ages(wanted.size());
  std::vector<std::uint32_t> place_of(pools_.size(), kNone);
  for (std::uint32_t place = 0; place < wanted.size(); ++place) place_of[wanted[place]] = place;
  for (const TimeWait& time_wait : time_waits_) {
    const std::uint32_t place = place_of[time_wait.pool()];
    if (place != kNone) count(ages[place], time_wait.age_seconds());
  }
  return ages;
}

Headroom headroom_of(const PoolTally& pool, const PortCapacity& capacity) {
  const PortUse all = at_most(capacity.ports, pool.ports);
  const PortUse first = at_most(capacity.first_half, pool.first_half);
  Headroom headroom{capacity.ports, all.used, all.reusable, 0};
  // What is shown twice in the other half has taken more from the whole than it could.
  headroom.fast =
      std::min(capacity.first_half - first.used + first.reusable, headroom.free_ports());
  return headroom;
}

}  // namespace timewait::analysis
