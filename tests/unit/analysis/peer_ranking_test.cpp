#include "analysis/peer_ranking.h"

#include <gtest/gtest.h>

#include "made_sockets.h"

namespace timewait::analysis {
namespace {

constexpr std::uint32_t kPorts = 100;
constexpr PortCapacity kCapacity{kPorts, 50};

class PeerRanking : public testing::Test {
 protected:
  void add_pool(std::string_view local, std::string_view remote, std::uint32_t used,
                std::uint32_t reusable = 0) {
    PoolTally& pool = pools_.emplace_back();
    pool.key = {endpoint(local, 0).address, endpoint(remote, 80), 0};
    pool.ports = {used, reusable};
    pool.sockets[inet::TcpState::kTimeWait] = used;
    pool.time_wait_entered = 1;
  }

  std::vector<std::string> discovered(std::uint32_t limit) const {
    std::vector<std::string> names;
    for (const PeerTally& peer : rank_peers(pools_, {}, kCapacity, limit).discovered) {
      names.push_back(peer.remote.address.to_string());
    }
    return names;
  }

  std::vector<PoolTally> pools_;
};

using Names = std::vector<std::string>;

TEST_F(PeerRanking, TightestFirst) {
  add_pool("10.0.0.1", "10.0.1.1", 10);
  add_pool("10.0.0.1", "10.0.1.2", 30);
  add_pool("10.0.0.1", "10.0.1.3", 50, 45);
  add_pool("10.0.0.1", "10.0.1.4", 20);
  EXPECT_EQ(discovered(10), (Names{"10.0.1.2", "10.0.1.4", "10.0.1.1", "10.0.1.3"}));
}

TEST_F(PeerRanking, TiesHaveAnOrder) {
  add_pool("10.0.0.1", "10.0.1.3", 10);
  add_pool("10.0.0.1", "10.0.1.1", 10);
  add_pool("10.0.0.1", "10.0.1.2", 20, 10);
  EXPECT_EQ(discovered(10), (Names{"10.0.1.2", "10.0.1.1", "10.0.1.3"}));
}

TEST_F(PeerRanking, TheRestIsFolded) {
  for (int i = 1; i <= 5; ++i) {
    add_pool("10.0.0.1", "10.0.1." + std::to_string(i), static_cast<std::uint32_t>(i));
  }
  const RankedPeers peers = rank_peers(pools_, {}, kCapacity, 2);
  EXPECT_EQ(peers.discovered.size(), 2u);
  EXPECT_EQ(peers.folded.pools, 3u);
  EXPECT_EQ(peers.folded.sockets.total(), 1u + 2 + 3);
  EXPECT_EQ(peers.folded.time_wait_entered, 3u);
}

TEST_F(PeerRanking, NoneMayBeShown) {
  add_pool("10.0.0.1", "10.0.1.1", 1);
  const RankedPeers peers = rank_peers(pools_, {}, kCapacity, 0);
  EXPECT_TRUE(peers.discovered.empty());
  EXPECT_EQ(peers.folded.pools, 1u);
}

TEST_F(PeerRanking, TheTightestPoolIsThePeers) {
  add_pool("10.0.0.1", "10.0.1.1", 10);
  add_pool("10.0.0.2", "10.0.1.1", 60, 55);
  add_pool("10.0.0.3", "10.0.1.1", 40);
  const RankedPeers peers = rank_peers(pools_, {}, kCapacity, 5);
  ASSERT_EQ(peers.discovered.size(), 1u);
  const PeerTally& peer = peers.discovered[0];
  EXPECT_EQ(peer.pools, 3u);
  EXPECT_EQ(peer.sockets.total(), 110u);
  EXPECT_EQ(peer.headroom.used, 40u);
  EXPECT_EQ(peer.headroom.free_ports(), 60u);
  ASSERT_TRUE(peer.tightest.has_value());
  EXPECT_EQ(pools_[*peer.tightest].key.local.to_string(), "10.0.0.3");
}

TEST_F(PeerRanking, ConfiguredPeersAreAllThere) {
  add_pool("10.0.0.1", "10.0.1.1", 10);
  add_pool("10.0.0.1", "10.0.1.2", 20);
  const std::vector<inet::NamedRule> rules = {
      {"block", {{inet::Cidr::parse("10.0.1.0/24"), std::nullopt}}},
      {"idle", {{inet::Cidr::parse("10.9.0.0/16"), std::nullopt}}}};
  const RankedPeers peers = rank_peers(pools_, rules, kCapacity, 5);
  ASSERT_EQ(peers.configured.size(), 2u);
  EXPECT_EQ(peers.configured[0].headroom.used, 20u);
  EXPECT_EQ(peers.configured[0].pools, 2u);
  EXPECT_EQ(peers.configured[1].headroom.capacity, kPorts);
  EXPECT_EQ(peers.configured[1].headroom.effective_ratio(), 1.0);
  EXPECT_FALSE(peers.configured[1].tightest.has_value());
  EXPECT_TRUE(peers.discovered.empty());
}

TEST_F(PeerRanking, ADumpInMotionNeverMakesHeadroomNegative) {
  add_pool("10.0.0.1", "10.0.1.1", kPorts + 5, kPorts + 7);
  const RankedPeers peers = rank_peers(pools_, {}, kCapacity, 5);
  EXPECT_EQ(peers.discovered.at(0).headroom.used, kPorts);
  EXPECT_EQ(peers.discovered.at(0).headroom.free_ports(), kPorts);
}

}  // namespace
}  // namespace timewait::analysis
