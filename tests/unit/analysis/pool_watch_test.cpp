#include "analysis/pool_watch.h"

#include <cmath>

#include <gtest/gtest.h>

#include "analysis/tightness.h"
#include "made_sockets.h"

namespace timewait::analysis {
namespace {

using inet::TcpState;
using std::chrono::seconds;

class PoolWatchTest : public testing::Test {
 protected:
  PoolWatchTest() {
    settings_.ephemeral_ports = {40000, 40999};
    settings_.tw_reuse = 2;
    settings_.time_wait_slack = seconds(2);
  }

  void add_open(std::string_view remote, int count) {
    for (int i = 0; i < count; ++i) {
      table_.add(
          socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 40000 + i), endpoint(remote, 80)),
          UsablePorts(settings_, {}), settings_, {});
    }
  }

  void add_time_waits(std::string_view remote, int each_second, int for_seconds) {
    for (int i = 0; i < each_second * for_seconds; ++i) {
      table_.add(time_wait_aged(seconds(i / each_second), endpoint("10.0.0.1", 40000 + i),
                                endpoint(remote, 80)),
                 UsablePorts(settings_, {}), settings_, {.entered_time_wait = true});
    }
  }

  std::vector<Pool> poll(seconds at, std::uint64_t time_wait_sockets = 0) {
    const UsablePorts usable(settings_, {});
    const OpenSockets::Clock::time_point now(at);
    PeerRanking ranking(rules_, 20);
    ranking.begin();
    const std::vector<std::uint32_t> tightest_pools =
        tightest(table_.pools(), PoolWatch::kTightest);
    const RankedPeers peers = ranking.rank(table_.pools(), tightest_pools, usable.capacity(), now);
    std::vector<Pool> pools = watch_.watch(table_, tightest_pools, peers,
                                           {now, settings_, usable.capacity(), time_wait_sockets});
    table_.clear();
    return pools;
  }

  reading::TcpSettings settings_;
  std::vector<inet::NamedRule> rules_;
  PoolTable table_;
  PoolWatch watch_;
};

TEST_F(PoolWatchTest, OnePollTellsTheRateOfTheTimeWaits) {
  add_time_waits("10.0.0.9", 20, 20);
  const Pool pool = poll(seconds(100)).at(0);
  EXPECT_DOUBLE_EQ(pool.arrival_rate, 20);
  EXPECT_NEAR(pool.exhaustion_seconds, 30, 0.1);
  EXPECT_NEAR(pool.sustainable_rate, 1000 / 60.0, 1e-9);
  EXPECT_EQ(pool.time_wait_ages.total(), 400u);
  EXPECT_EQ(pool.headroom.used, 400u);
}

TEST_F(PoolWatchTest, WhetherOpenSocketsAreNewShowsInTime) {
  for (int second = 0; second <= 6; ++second) {
    add_open("10.0.0.9", 20);
    EXPECT_EQ(poll(seconds(100 + second)).at(0).may_have_unseen_arrivals, second < 5) << second;
  }
}

TEST_F(PoolWatchTest, AndLaterWherePollsAreFarApart) {
  for (int second = 0; second <= 15; second += 5) {
    add_open("10.0.0.9", 20);
    EXPECT_EQ(poll(seconds(100 + second)).at(0).may_have_unseen_arrivals, second < 10) << second;
  }
}

TEST_F(PoolWatchTest, TimeWaitsAreSeenAtOnce) {
  add_open("10.0.0.9", 20);
  add_time_waits("10.0.0.9", 20, 20);
  EXPECT_FALSE(poll(seconds(100)).at(0).may_have_unseen_arrivals);
  add_time_waits("10.0.0.10", 1, 1);
  EXPECT_FALSE(poll(seconds(101)).at(0).may_have_unseen_arrivals);
}

TEST_F(PoolWatchTest, OpenSocketsAddUpFromPollToPoll) {
  poll(seconds(100));
  for (int second = 1; second <= 10; ++second) {
    add_open("10.0.0.9", 20 * second);
    const Pool pool = poll(seconds(100 + second)).at(0);
    if (second < 5) {
      EXPECT_TRUE(std::isinf(pool.exhaustion_seconds));
    } else {
      EXPECT_NEAR(pool.exhaustion_seconds, 50 - second, 0.1);
    }
  }
}

TEST_F(PoolWatchTest, ReuseChangesWhatIsSustainable) {
  add_open("127.0.0.9", 1);
  EXPECT_NEAR(poll(seconds(1)).at(0).sustainable_rate, 1000, 1e-9);
  settings_.tw_reuse_delay = seconds(60);
  add_open("127.0.0.9", 1);
  EXPECT_NEAR(poll(seconds(2)).at(0).sustainable_rate, 1000 / 60.0, 1e-9);
}

TEST_F(PoolWatchTest, ASmallTimeWaitTableSparesThePorts) {
  settings_.max_tw_buckets = 800;
  add_time_waits("10.0.0.9", 20, 20);
  EXPECT_TRUE(std::isinf(poll(seconds(1), 400).at(0).exhaustion_seconds));
  settings_.max_tw_buckets = 1200;
  add_time_waits("10.0.0.9", 20, 20);
  EXPECT_TRUE(std::isinf(poll(seconds(2), 700).at(0).exhaustion_seconds));  // others have 300
  add_time_waits("10.0.0.9", 20, 20);
  EXPECT_NEAR(poll(seconds(3), 400).at(0).exhaustion_seconds, 30, 0.1);
}

TEST_F(PoolWatchTest, AnExhaustedPoolIsAtZero) {
  add_open("10.0.0.9", 1000);
  EXPECT_EQ(poll(seconds(1)).at(0).exhaustion_seconds, 0);
}

TEST_F(PoolWatchTest, TheTightestAndThoseOfThePeersShown) {
  rules_ = {{"idle", {{inet::Cidr::parse("10.9.0.1/32"), std::nullopt}}}};
  for (int i = 0; i < 300; ++i) {
    add_open("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1), 2 + i % 7);
  }
  add_open("10.9.0.1", 1);
  const std::vector<Pool> pools = poll(seconds(1));
  ASSERT_EQ(pools.size(), PoolWatch::kTightest + 1);
  EXPECT_EQ(pools.front().headroom.used, 8u);
  EXPECT_EQ(pools.back().key.remote.to_string(), "10.9.0.1:80");
}

TEST_F(PoolWatchTest, NoneIsFine) { EXPECT_TRUE(poll(seconds(1)).empty()); }

}  // namespace
}  // namespace timewait::analysis
