#include "analysis/peer_ranking.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "analysis/tightness.h"
#include "made_sockets.h"

namespace timewait::analysis {
namespace {

using Names = std::vector<std::string>;
using std::chrono::minutes;

constexpr std::uint32_t kPorts = 1000;
constexpr PortCapacity kCapacity{kPorts, 500};
constexpr std::size_t kTightest = 3;  // few, so that the rest is looked through too

class PeerRankingTest : public testing::Test {
 protected:
  void add_pool(std::string_view local, std::string_view remote, std::uint32_t used,
                std::uint32_t reusable = 0) {
    PoolTally& pool = pools_.emplace_back();
    pool.key = {endpoint(local, 0).address, endpoint(remote, 80), 0};
    pool.ports = {used, reusable};
    pool.sockets[inet::TcpState::kTimeWait] = used;
    pool.time_wait_entered = 1;
  }

  // A poll; it takes the pools that were added.
  RankedPeers rank(minutes at = minutes(0)) {
    ranking_.begin();
    const std::vector<PoolTally> pools = std::exchange(pools_, {});
    return ranking_.rank(pools, tightest(pools, kTightest), kCapacity,
                         PeerRanking::Clock::time_point(at));
  }

  Names discovered(minutes at = minutes(0)) {
    Names names;
    for (const PeerTally& peer : rank(at).discovered) {
      names.push_back(peer.remote.address.to_string());
    }
    return names;
  }

  std::vector<PoolTally> pools_;
  PeerRanking ranking_{{}, 20};
};

TEST_F(PeerRankingTest, TightestFirst) {
  add_pool("10.0.0.1", "10.0.1.1", 10);
  add_pool("10.0.0.1", "10.0.1.2", 30);
  add_pool("10.0.0.1", "10.0.1.3", 50, 45);
  add_pool("10.0.0.1", "10.0.1.4", 20);
  EXPECT_EQ(discovered(), (Names{"10.0.1.2", "10.0.1.4", "10.0.1.1", "10.0.1.3"}));
}

TEST_F(PeerRankingTest, TiesHaveAnOrder) {
  add_pool("10.0.0.1", "10.0.1.3", 10);
  add_pool("10.0.0.1", "10.0.1.1", 10);
  add_pool("10.0.0.1", "10.0.1.2", 20, 10);
  EXPECT_EQ(discovered(), (Names{"10.0.1.2", "10.0.1.1", "10.0.1.3"}));
}

TEST_F(PeerRankingTest, TheRestIsFolded) {
  for (int i = 1; i <= 5; ++i) {
    add_pool("10.0.0.1", "10.0.1." + std::to_string(i), static_cast<std::uint32_t>(i));
  }
  ranking_.set_rules({}, 2);
  const RankedPeers peers = rank();
  EXPECT_EQ(peers.discovered.size(), 2u);
  EXPECT_EQ(peers.folded.pools, 3u);
  EXPECT_EQ(peers.folded.sockets.total(), 1u + 2 + 3);
  EXPECT_EQ(peers.folded.time_wait_entered, 3u);
}

TEST_F(PeerRankingTest, NoneMayBeShown) {
  add_pool("10.0.0.1", "10.0.1.1", 1);
  ranking_.set_rules({}, 0);
  const RankedPeers peers = rank();
  EXPECT_TRUE(peers.discovered.empty());
  EXPECT_EQ(peers.folded.pools, 1u);
}

TEST_F(PeerRankingTest, TheTightestPoolIsThePeers) {
  add_pool("10.0.0.1", "10.0.1.1", 10);
  add_pool("10.0.0.2", "10.0.1.1", 60, 55);
  add_pool("10.0.0.3", "10.0.1.1", 40);
  const RankedPeers peers = rank();
  ASSERT_EQ(peers.discovered.size(), 1u);
  const PeerTally& peer = peers.discovered[0];
  EXPECT_EQ(peer.pools, 3u);
  EXPECT_EQ(peer.sockets.total(), 110u);
  EXPECT_EQ(peer.headroom.used, 40u);
  EXPECT_EQ(peer.headroom.free_ports(), kPorts - 40);
  EXPECT_EQ(peer.tightest, 2u);
}

TEST_F(PeerRankingTest, ConfiguredPeersAreAllThere) {
  add_pool("10.0.0.1", "10.0.1.1", 10);
  add_pool("10.0.0.1", "10.0.1.2", 20);
  ranking_.set_rules({{"block", {{inet::Cidr::parse("10.0.1.0/24"), std::nullopt}}},
                      {"idle", {{inet::Cidr::parse("10.9.0.0/16"), std::nullopt}}}},
                     5);
  const RankedPeers peers = rank();
  ASSERT_EQ(peers.configured.size(), 2u);
  EXPECT_EQ(peers.configured[0].headroom.used, 20u);
  EXPECT_EQ(peers.configured[0].pools, 2u);
  EXPECT_EQ(peers.configured[1].headroom.capacity, kPorts);
  EXPECT_EQ(peers.configured[1].headroom.effective_ratio(), 1.0);
  EXPECT_FALSE(peers.configured[1].tightest.has_value());
  EXPECT_TRUE(peers.discovered.empty());
}

TEST_F(PeerRankingTest, ADumpInMotionNeverMakesHeadroomNegative) {
  add_pool("10.0.0.1", "10.0.1.1", kPorts + 5, kPorts + 7);
  const RankedPeers peers = rank();
  EXPECT_EQ(peers.discovered.at(0).headroom.used, kPorts);
  EXPECT_EQ(peers.discovered.at(0).headroom.free_ports(), kPorts);
}

TEST_F(PeerRankingTest, APeerStaysForTenMinutesWithoutSockets) {
  add_pool("10.0.0.1", "10.0.1.1", 10);
  EXPECT_EQ(discovered(minutes(5)), (Names{"10.0.1.1"}));
  const RankedPeers idle = rank(minutes(14));
  ASSERT_EQ(idle.discovered.size(), 1u);
  EXPECT_EQ(idle.discovered[0].sockets.total(), 0u);
  EXPECT_EQ(idle.discovered[0].headroom.free_ports(), kPorts);
  EXPECT_EQ(idle.discovered[0].headroom.fast, 500u);
  EXPECT_FALSE(idle.discovered[0].tightest.has_value());
  add_pool("10.0.0.1", "10.0.1.1", 1);
  EXPECT_EQ(discovered(minutes(14)).size(), 1u);
  EXPECT_EQ(discovered(minutes(23)).size(), 1u);
  EXPECT_EQ(discovered(minutes(24)).size(), 0u);
  EXPECT_EQ(discovered(minutes(25)).size(), 0u);
}

TEST_F(PeerRankingTest, TheShownHaveAHeadStartOfAHundredth) {
  ranking_.set_rules({}, 1);
  add_pool("10.0.0.1", "10.0.1.1", 50);
  EXPECT_EQ(discovered(), (Names{"10.0.1.1"}));
  add_pool("10.0.0.1", "10.0.1.1", 50);
  add_pool("10.0.0.1", "10.0.1.2", 59);
  EXPECT_EQ(discovered(), (Names{"10.0.1.1"}));
  add_pool("10.0.0.1", "10.0.1.1", 50);
  add_pool("10.0.0.1", "10.0.1.2", 61);
  EXPECT_EQ(discovered(), (Names{"10.0.1.2"}));
  add_pool("10.0.0.1", "10.0.1.1", 70);
  add_pool("10.0.0.1", "10.0.1.2", 61);
  EXPECT_EQ(discovered(), (Names{"10.0.1.2"}));
}

TEST_F(PeerRankingTest, TheHeadStartDoesNotChangeTheOrder) {
  add_pool("10.0.0.1", "10.0.1.1", 50);
  EXPECT_EQ(discovered(), (Names{"10.0.1.1"}));
  add_pool("10.0.0.1", "10.0.1.1", 50);
  add_pool("10.0.0.1", "10.0.1.2", 55);
  EXPECT_EQ(discovered(), (Names{"10.0.1.2", "10.0.1.1"}));
}

TEST_F(PeerRankingTest, TheIdleGiveWayToTheTight) {
  ranking_.set_rules({}, 2);
  add_pool("10.0.0.1", "10.0.1.1", 10);
  add_pool("10.0.0.1", "10.0.1.2", 20);
  EXPECT_EQ(discovered().size(), 2u);
  add_pool("10.0.0.1", "10.0.1.3", 5);  // not by more than the head start
  EXPECT_EQ(discovered(minutes(1)), (Names{"10.0.1.1", "10.0.1.2"}));
  add_pool("10.0.0.1", "10.0.1.3", 11);
  EXPECT_EQ(discovered(minutes(2)), (Names{"10.0.1.3", "10.0.1.1"}));
}

TEST_F(PeerRankingTest, ARuleTakesOverARememberedPeer) {
  add_pool("10.0.0.1", "10.0.1.1", 10);
  add_pool("10.0.0.1", "10.0.1.2", 10);
  EXPECT_EQ(discovered().size(), 2u);
  ranking_.set_rules({{"name", {{inet::Cidr::parse("10.0.1.1/32"), std::nullopt}}}}, 20);
  EXPECT_EQ(discovered(), (Names{"10.0.1.2"}));
  ranking_.set_rules({}, 20);
  EXPECT_EQ(discovered(), (Names{"10.0.1.2"}));
}

TEST_F(PeerRankingTest, ALoweredLimitDropsTheLeastTight) {
  for (int i = 1; i <= 3; ++i) {
    add_pool("10.0.0.1", "10.0.1." + std::to_string(i), static_cast<std::uint32_t>(i));
  }
  EXPECT_EQ(discovered().size(), 3u);
  ranking_.set_rules({}, 1);
  add_pool("10.0.0.1", "10.0.1.2", 2);
  EXPECT_EQ(discovered(), (Names{"10.0.1.2"}));
  ranking_.set_rules({}, 3);
  EXPECT_EQ(discovered(), (Names{"10.0.1.2"}));
}

TEST_F(PeerRankingTest, APollThatFailsIsForgotten) {
  add_pool("10.0.0.1", "10.0.1.1", 10);
  EXPECT_EQ(discovered().size(), 1u);
  ranking_.begin();
  add_pool("10.0.0.1", "10.0.1.1", 10);
  EXPECT_EQ(discovered(), (Names{"10.0.1.1"}));
}

TEST_F(PeerRankingTest, EvictedPoolsCountForThePeersThatAreKnown) {
  ranking_.set_rules({{"name", {{inet::Cidr::parse("10.0.2.0/24"), std::nullopt}}}}, 20);
  add_pool("10.0.0.1", "10.0.1.1", 10);
  rank();
  ranking_.begin();
  for (const char* remote : {"10.0.1.1", "10.0.2.1", "10.0.3.1"}) {
    add_pool("10.0.0.1", remote, 5);
    ranking_.add_evicted(pools_.back());
  }
  const RankedPeers peers = ranking_.rank({}, {}, kCapacity, {});
  EXPECT_EQ(peers.configured.at(0).sockets.total(), 5u);
  EXPECT_EQ(peers.configured.at(0).time_wait_entered, 1u);
  ASSERT_EQ(peers.discovered.size(), 1u);
  EXPECT_EQ(peers.discovered[0].sockets.total(), 5u);
  EXPECT_EQ(peers.discovered[0].headroom.free_ports(), kPorts);
  EXPECT_EQ(peers.folded.sockets.total(), 5u);
  EXPECT_EQ(peers.folded.time_wait_entered, 1u);
  EXPECT_EQ(peers.folded.pools, 0u);
}

}  // namespace
}  // namespace timewait::analysis
