#include "analysis/pool_table.h"

#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "made_pools.h"
#include "made_sockets.h"

namespace timewait::analysis {
namespace {

using inet::TcpState;
using std::chrono::milliseconds;
using std::chrono::seconds;

class PoolTableTest : public testing::Test {
 protected:
  PoolTableTest() {
    settings_.ephemeral_ports = {40000, 40009};
    settings_.tw_reuse = 2;
    usable_ = UsablePorts(settings_, {});
  }

  void add(const reading::SocketRecord& socket) { table_.add(socket, usable_, settings_, {}); }

  reading::TcpSettings settings_;
  UsablePorts usable_;
  PoolTable table_;
};

TEST_F(PoolTableTest, AgesOfTheWantedPools) {
  const inet::Endpoint a = endpoint("10.0.0.9", 80);
  const inet::Endpoint b = endpoint("10.0.0.8", 80);
  add(time_wait_aged(milliseconds(999), endpoint("10.0.0.1", 40000), a));
  add(time_wait_aged(seconds(1), endpoint("10.0.0.1", 40001), b));
  add(time_wait_aged(milliseconds(59'999), endpoint("10.0.0.1", 40002), b));
  add(time_wait_aged(seconds(60), endpoint("10.0.0.1", 40003), b));
  add(time_wait_aged(seconds(7), endpoint("10.0.0.1", 50000), b));  // not a usable port
  add(socket_in(TcpState::kEstablished, endpoint("10.0.0.1", 40004), b));
  ASSERT_EQ(table_.pools().size(), 2u);
  EXPECT_EQ(table_.pools()[1].time_waits_used, 3u);

  const std::vector<std::uint32_t> wanted = {1};
  const std::vector<TimeWaitAges> ages = table_.ages_of(wanted);
  ASSERT_EQ(ages.size(), 1u);
  EXPECT_EQ(ages[0].entered[1], 1u);
  EXPECT_EQ(ages[0].entered[59], 1u);
  EXPECT_EQ(ages[0].overdue, 1u);
  EXPECT_EQ(ages[0].total(), 3u);
}

// A dump of changing tables shows sockets twice.
TEST_F(PoolTableTest, NoMorePortsAreFastThanFree) {
  for (int shown = 0; shown < 2; ++shown) {
    for (const int port : {40001, 40003, 40005, 40007, 40009}) {
      add(socket_in(TcpState::kEstablished, endpoint("10.0.0.1", port), endpoint("10.0.0.9", 80)));
    }
  }
  const Headroom headroom = headroom_of(table_.pools()[0], usable_.capacity());
  EXPECT_EQ(headroom.free_ports(), 0u);
  EXPECT_EQ(headroom.fast, 0u);
}

TEST_F(PoolTableTest, TheHalfThatIsTriedFirst) {
  const inet::Endpoint server = endpoint("127.0.0.1", 80);
  add(socket_in(TcpState::kEstablished, endpoint("127.0.0.1", 40000), server));
  add(socket_in(TcpState::kEstablished, endpoint("127.0.0.1", 40001), server));
  add(time_wait_aged(seconds(5), endpoint("127.0.0.1", 40002), server));
  add(time_wait_aged(milliseconds(5), endpoint("127.0.0.1", 40004), server));
  const Headroom headroom = headroom_of(table_.pools()[0], usable_.capacity());
  EXPECT_EQ(headroom.used, 4u);
  EXPECT_EQ(headroom.free_ports(), 7u);
  EXPECT_EQ(headroom.fast, 3u);  // 40002 again, 40006, 40008
}

TEST_F(PoolTableTest, AClearedTableStartsAfresh) {
  add(time_wait_aged(seconds(5), endpoint("10.0.0.1", 40002), endpoint("10.0.0.9", 80)));
  table_.clear();
  EXPECT_TRUE(table_.pools().empty());
  add(time_wait_aged(seconds(3), endpoint("10.0.0.1", 40002), endpoint("10.0.0.8", 80)));
  const std::vector<std::uint32_t> wanted = {0};
  EXPECT_EQ(table_.ages_of(wanted)[0].total(), 1u);
}

TEST_F(PoolTableTest, AgesOfAsManyPoolsAsItTakes) {
  const auto age_of = [](std::uint32_t number) { return number % 61; };
  for (std::uint32_t number = 0; !table_.is_full(); ++number) {
    add(time_wait_aged(seconds(age_of(number)), endpoint("10.0.0.1", 40000),
                       {ipv4_address(0x0b000000 + number), 80}));
  }
  ASSERT_EQ(table_.pools().size(), PoolTable::kMaxPools);
  std::vector<std::uint32_t> wanted;
  for (std::uint32_t number = 0; number < PoolTable::kMaxPools; number += 7) {
    wanted.push_back(PoolTable::kMaxPools - 1 - number);
  }
  const std::vector<TimeWaitAges> ages = table_.ages_of(wanted);
  for (std::size_t place = 0; place < wanted.size(); ++place) {
    const std::uint32_t age = age_of(wanted[place]);
    ASSERT_EQ(ages[place].total(), 1u) << wanted[place];
    ASSERT_EQ(age == 60 ? ages[place].overdue : ages[place].entered[age], 1u) << wanted[place];
  }
}

class FullPoolTableTest : public PoolTableTest {
 protected:
  static constexpr int kRoom = 16;

  FullPoolTableTest() { table_ = PoolTable(kRoom); }

  // A socket to this host of the 10.0.0.0/8; the table makes room as it must.
  void add_to(int host) {
    if (table_.is_full()) {
      table_.evict([this](const PoolKey& key) { return key.remote == spared_; },
                   [this](const PoolTally& pool) { evicted_ += pool.sockets.total(); });
    }
    add(time_wait_aged(seconds(7), endpoint("10.0.0.1", 40000 + added_++ % 10),
                       host_endpoint(host)));
  }

  static inet::Endpoint host_endpoint(int host) {
    return endpoint("10.1." + std::to_string(host / 250) + "." + std::to_string(host % 250), 80);
  }

  std::uint32_t sockets_of(int host) const {
    for (const PoolTally& pool : table_.pools()) {
      if (pool.key.remote == host_endpoint(host)) return pool.sockets.total();
    }
    return 0;
  }

  int added_ = 0;
  std::uint32_t evicted_ = 0;
  inet::Endpoint spared_;
};

TEST_F(FullPoolTableTest, TheSmallerHalfGoes) {
  for (int host = 1; host < kRoom; ++host) {
    for (int i = 0; i < host; ++i) add_to(host);
  }
  EXPECT_FALSE(table_.is_full());
  add_to(kRoom);
  EXPECT_TRUE(table_.is_full());
  add_to(kRoom);  // hosts 1 to 8 go, and the one socket of this
  EXPECT_EQ(evicted_, 1u + 36);
  EXPECT_EQ(table_.pools().size(), 8u);
  for (int host = 9; host < kRoom; ++host)
    EXPECT_EQ(sockets_of(host), static_cast<std::uint32_t>(host));
  EXPECT_EQ(sockets_of(kRoom), 1u);
}

TEST_F(FullPoolTableTest, WhatIsEvictedIsHandedOverAndTheRestStays) {
  for (int host = 0; host < 300; ++host) add_to(host);
  std::uint32_t left = 0;
  for (const PoolTally& pool : table_.pools()) left += pool.sockets.total();
  EXPECT_LE(table_.pools().size(), 16u);
  EXPECT_EQ(evicted_ + left, 300u);
}

TEST_F(FullPoolTableTest, ALargePoolLacksAtMostWhatTheBoundSays) {
  for (int host = 1; host <= 800; ++host) {
    add_to(host);
    if (host % 4 == 0) add_to(0);  // never more than a few at a time among many others
  }
  const std::uint32_t bound = 2 * 1000 / kRoom;
  ASSERT_GT(sockets_of(0), 0u);
  EXPECT_GE(sockets_of(0), 200 - bound);
  for (const PoolTally& pool : table_.pools()) EXPECT_LE(pool.may_lack, bound);
}

TEST_F(FullPoolTableTest, EveryPoolTellsWhatItMayLack) {
  std::map<inet::Endpoint, std::uint32_t> added;
  for (int i = 0; i < 900; ++i) {
    const int host = i * i % 61;
    add_to(host);
    ++added[host_endpoint(host)];
  }
  for (const PoolTally& pool : table_.pools()) {
    EXPECT_GE(pool.sockets.total() + pool.may_lack, added[pool.key.remote]);
  }
}

// It loses pools and grows again many times over.
TEST_F(FullPoolTableTest, NoPoolIsThereTwice) {
  std::mt19937 random(1);
  for (const std::size_t room : {16, 1000}) {
    table_ = PoolTable(room);
    for (int i = 0; i < 30'000; ++i) {
      add_to(static_cast<int>(random() % (4 * room)));
      if (random() % 10'000 == 0) table_.clear();
    }
    std::set<PoolKey> keys;
    for (const PoolTally& pool : table_.pools()) EXPECT_TRUE(keys.insert(pool.key).second);
    EXPECT_GT(keys.size(), room / 3);
  }
}

TEST_F(FullPoolTableTest, ASparedPoolIsExact) {
  spared_ = host_endpoint(0);
  add_to(0);
  for (int host = 1; host <= 400; ++host) {
    add_to(host);
    add_to(host);
  }
  add_to(0);
  EXPECT_EQ(sockets_of(0), 2u);
}

TEST_F(FullPoolTableTest, AgesFollowTheirPools) {
  for (int host = 0; host < 300; ++host) add_to(host);
  std::vector<std::uint32_t> all(table_.pools().size());
  std::iota(all.begin(), all.end(), 0u);
  const std::vector<TimeWaitAges> ages = table_.ages_of(all);
  for (const std::uint32_t number : all) {
    EXPECT_EQ(ages[number].total(), table_.pools()[number].time_waits_used);
  }
}

}  // namespace
}  // namespace timewait::analysis
