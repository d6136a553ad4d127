#include "analysis/pool_table.h"

#include <gtest/gtest.h>

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

  void add(const reading::SocketRecord& socket) { table_.add(socket, usable_, settings_, false); }

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

}  // namespace
}  // namespace timewait::analysis
