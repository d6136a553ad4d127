// Rankings of random pools, against one that counts every remote end of a poll and sorts them all.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "analysis/peer_ranking.h"
#include "analysis/tightness.h"
#include "made_pools.h"

namespace timewait::analysis {
namespace {

constexpr PortCapacity kCapacity{30'000, 15'000};
constexpr std::uint32_t kHeadStart = 300;

// What is told of a discovered peer.
struct Line {
  inet::Endpoint remote;
  std::uint32_t sockets = 0;
  std::uint32_t pools = 0;
  std::uint32_t free_ports = kCapacity.ports;
  std::uint32_t used = 0;

  bool operator==(const Line&) const = default;
};

std::vector<Line> lines_of(const RankedPeers& ranked) {
  std::vector<Line> lines;
  for (const PeerTally& peer : ranked.discovered) {
    lines.push_back({peer.remote, peer.sockets.total(), peer.pools, peer.headroom.free_ports(),
                     peer.headroom.used});
  }
  return lines;
}

bool is_before(const Line& a, std::uint32_t a_ahead, const Line& b, std::uint32_t b_ahead) {
  const std::int64_t of_a = std::int64_t{a.free_ports} - a_ahead;
  const std::int64_t of_b = std::int64_t{b.free_ports} - b_ahead;
  return of_a != of_b ? of_a < of_b : a.used > b.used;
}

class PlainRanking {
 public:
  explicit PlainRanking(std::size_t limit) : limit_(limit) {}

  // None is idle for so long that it would be forgotten.
  std::vector<Line> rank(const std::vector<PoolTally>& pools) {
    std::map<inet::Endpoint, Line> peers;
    for (const inet::Endpoint& remote : shown_) peers[remote].remote = remote;
    for (const PoolTally& pool : pools) {
      Line& peer = peers[pool.key.remote];
      peer.remote = pool.key.remote;
      peer.sockets += pool.sockets.total();
      ++peer.pools;
      const Line tally{{}, 0, 0, headroom_of(pool, kCapacity).free_ports(), pool.ports.used};
      if (!is_before(tally, 0, peer, 0)) continue;
      peer.free_ports = tally.free_ports;
      peer.used = tally.used;
    }
    std::vector<Line> lines;
    lines.reserve(peers.size());
    for (const auto& [remote, peer] : peers) lines.push_back(peer);
    const auto ahead = [this](const Line& peer) {
      return shown_.contains(peer.remote) ? kHeadStart : 0;
    };
    std::stable_sort(lines.begin(), lines.end(), [&](const Line& a, const Line& b) {
      return is_before(a, ahead(a), b, ahead(b));
    });
    lines.resize(std::min(limit_, lines.size()));
    std::stable_sort(lines.begin(), lines.end(),
                     [](const Line& a, const Line& b) { return is_before(a, 0, b, 0); });
    shown_.clear();
    for (const Line& peer : lines) shown_.insert(peer.remote);
    return lines;
  }

 private:
  std::size_t limit_;
  std::set<inet::Endpoint> shown_;
};

RankedPeers ranked(PeerRanking& ranking, const std::vector<PoolTally>& pools,
                   std::size_t tightest_known) {
  ranking.begin();
  return ranking.rank(pools, tightest(pools, tightest_known), kCapacity, {});
}

// Pools of which no two are as tight, so that nothing is left to the order of what is alike.
std::vector<PoolTally> pools_told_apart(std::size_t size, std::uint32_t remotes,
                                        std::mt19937& random) {
  std::vector<PoolTally> pools = random_pools(size, remotes, 30'000, random);
  std::set<std::uint32_t> used;
  std::erase_if(pools, [&](const PoolTally& pool) {
    return pool.ports.used == 0 || !used.insert(pool.ports.used).second;
  });
  return pools;
}

// However many remote ends, whatever part of the tightest pools is known, and with peers from
// before that keep their places, are idle or give way.
TEST(RandomRanking, AsIfEveryRemoteEndWereCounted) {
  std::mt19937 random(1);
  for (const std::uint32_t limit : {0u, 1u, 20u, 400u}) {
    for (const std::size_t tightest_known : {0, 1, 30, 256, 5000}) {
      PeerRanking ranking({}, limit);
      PlainRanking plain(limit);
      for (const std::uint32_t remotes : {10u, 60'000u, 300u, 25u, 300u, 60'000u, 1u}) {
        const std::vector<PoolTally> pools = pools_told_apart(1000, remotes, random);
        const RankedPeers peers = ranked(ranking, pools, tightest_known);
        ASSERT_EQ(lines_of(peers), plain.rank(pools))
            << limit << " of " << remotes << ", " << tightest_known << " known";
        std::uint32_t pools_counted = peers.folded.pools;
        for (const PeerTally& peer : peers.discovered) pools_counted += peer.pools;
        EXPECT_EQ(pools_counted, pools.size());
      }
    }
  }
}

// Few pools are told apart here. The order of a dump is not to say which peers are shown.
TEST(RandomRanking, TheOrderOfTheDumpDecidesNothing) {
  std::mt19937 random(1);
  for (const std::uint32_t remotes : {30u, 300u, 60'000u}) {
    for (const std::size_t tightest_known : {0, 30}) {
      std::vector<PoolTally> pools = random_pools(1000, remotes, 3, random);
      PeerRanking first({}, 20);
      const std::vector<Line> lines = lines_of(ranked(first, pools, tightest_known));
      for (int trial = 0; trial < 20; ++trial) {
        std::shuffle(pools.begin(), pools.end(), random);
        PeerRanking again({}, 20);
        ASSERT_EQ(lines_of(ranked(again, pools, tightest_known)), lines) << remotes;
      }
    }
  }
}

// The tightest pools are all those of one peer, or of configured ones: others are found beyond.
TEST(RandomRanking, NewcomersBeyondTheTightest) {
  std::vector<PoolTally> pools;
  for (std::uint32_t local = 0; local < 300; ++local) {
    pools.push_back(made_pool(local, 1, {1000 + local, 0}, 1000 + local));
    pools.push_back(made_pool(local, 2, {2000 + local, 0}, 2000 + local));
  }
  for (std::uint32_t remote = 3; remote < 40; ++remote) {
    pools.push_back(made_pool(0, remote, {remote, 0}, remote));
  }
  PeerRanking ranking({{"configured", {{inet::Cidr::parse("10.1.0.2/32"), std::nullopt}}}}, 3);
  for (int round = 0; round < 2; ++round) {
    const RankedPeers peers = ranked(ranking, pools, 256);
    ASSERT_EQ(peers.discovered.size(), 3u);
    EXPECT_EQ(peers.discovered[0].remote.to_string(), "10.1.0.1:80");
    EXPECT_EQ(peers.discovered[1].remote.to_string(), "10.1.0.39:80");
    EXPECT_EQ(peers.discovered[2].remote.to_string(), "10.1.0.38:80");
    EXPECT_EQ(peers.configured.at(0).pools, 300u);
    EXPECT_EQ(peers.folded.pools, 35u);
  }
}

}  // namespace
}  // namespace timewait::analysis
