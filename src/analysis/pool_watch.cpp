#include "analysis/pool_watch.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/arrival_rate.h"
#include "analysis/forecast.h"
#include "analysis/lasting_growth.h"
#include "analysis/tightness.h"

namespace timewait::analysis {
namespace {

using Seconds = std::chrono::duration<double>;

// By number, each once, tightest first.
std::vector<std::uint32_t> choose(std::span<const PoolTally> pools,
                                  std::span<const std::uint32_t> tightest,
                                  const RankedPeers& peers) {
  std::vector<std::uint32_t> chosen(tightest.begin(), tightest.end());
  for (const auto* shown : {&peers.configured, &peers.discovered}) {
    for (const PeerTally& peer : *shown) {
      if (peer.tightest) chosen.push_back(*peer.tightest);
    }
  }
  std::sort(chosen.begin(), chosen.end(),
            [&](std::uint32_t a, std::uint32_t b) { return is_tighter(pools[a], pools[b]); });
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

// How long a port that is closed at once stays taken: nominally, and with the timer wheel's slack.
struct Hold {
  Seconds nominal;
  Seconds slack;
};

Hold hold_of(const PoolKey& key, const reading::TcpSettings& settings) {
  const bool reused = may_reuse(key.local, key.remote.address, settings) &&
                      settings.tw_reuse_delay < reading::kTimeWaitLength;
  if (reused) return {settings.tw_reuse_delay, Seconds(0)};
  return {reading::kTimeWaitLength, settings.time_wait_slack};
}

PerSecond arrivals(const TimeWaitAges& ages, const PerSecond& growth) {
  PerSecond sum = growth;
  for (std::size_t second = 0; second < kMinute; ++second) sum[second] += ages.entered[second];
  return sum;
}

// What is gained between two polls may have come at any time between them; the rest is timed by the
// kernel.
Timing timing_of(const PerSecond& arrivals, const PerSecond& growth, Seconds spacing) {
  constexpr std::ptrdiff_t kNewest = 5;
  const double all = std::accumulate(arrivals.begin(), arrivals.begin() + kNewest, 0.0);
  const double gained = std::accumulate(growth.begin(), growth.begin() + kNewest, 0.0);
  const bool hardly_any = std::abs(gained) < all / 5;
  return hardly_any || spacing < Seconds(1.5) ? Timing::kExact : Timing::kBlurred;
}

// Whether sockets that are open are new ones shows only in time: when arrival_rate() would see a
// load that began with the first count, less what a poll may be early.
bool may_hide_arrivals(std::uint32_t open, Seconds reach, Timing timing) {
  return open > 0 && reach < Seconds(timing == Timing::kExact ? 4.5 : 7.5);
}

// How many TIME_WAIT sockets the pool may come to have, if the other pools keep theirs.
double time_wait_room(std::uint32_t own, const PoolWatch::Surroundings& surroundings) {
  const double others = std::max(0.0, double(surroundings.time_wait_sockets) - own);
  const std::uint64_t limit = surroundings.settings.max_tw_buckets.value_or(UINT64_MAX);
  return std::max(double(own), double(limit) - others);
}

}  // namespace

std::vector<Pool> PoolWatch::watch(const PoolTable& table, std::span<const std::uint32_t> tightest,
                                   const RankedPeers& peers, const Surroundings& surroundings) {
  const std::vector<std::uint32_t> chosen = choose(table.pools(), tightest, peers);
  const std::vector<TimeWaitAges> ages = table.ages_of(chosen);
  std::vector<Pool> watched;
  watched.reserve(chosen.size());
  open_sockets_.begin(surroundings.now);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    watched.push_back(watch_one(table.pools()[chosen[i]], ages[i], surroundings));
  }
  open_sockets_.end(chosen.size() == table.pools().size());
  return watched;
}

Pool PoolWatch::watch_one(const PoolTally& tally, const TimeWaitAges& ages,
                          const Surroundings& surroundings) {
  Pool pool;
  pool.key = tally.key;
  pool.sockets = tally.sockets;
  pool.headroom = headroom_of(tally, surroundings.capacity);
  pool.time_wait_ages = ages;

  const std::uint32_t open = tally.ports.used - tally.time_waits_used;
  auto [growth, counts, reach] = open_sockets_.update(tally.key, open);
  const Growth steady = steady_growth(counts);
  if (steady.rate > 0) growth.fill(steady.rate);  // the rest is chance
  const Hold hold = hold_of(tally.key, surroundings.settings);
  const PerSecond arrived = arrivals(ages, growth);
  const Timing timing = timing_of(arrived, growth, open_sockets_.spacing());
  pool.arrival_rate = arrival_rate(arrived, timing);
  pool.may_have_unseen_arrivals = pool.arrival_rate == 0 && may_hide_arrivals(open, reach, timing);
  pool.sustainable_rate = surroundings.capacity.ports / hold.nominal.count();
  pool.exhaustion_seconds =
      pool.headroom.free_ports() == 0
          ? 0
          : seconds_to_exhaustion({surroundings.capacity.ports, open, ages, pool.arrival_rate,
                                   steady.rate > 0 ? steady : quick_growth(growth, counts, timing),
                                   (hold.nominal + hold.slack).count(), hold.slack.count(),
                                   time_wait_room(tally.time_waits_used, surroundings)});
  return pool;
}

}  // namespace timewait::analysis
