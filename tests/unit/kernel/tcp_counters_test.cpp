#include "kernel/tcp_counters.h"

#include <gtest/gtest.h>

#include "proc_tree.h"

namespace timewait::kernel {
namespace {

class TcpCountersTest : public testing::Test {
 protected:
  void set(const std::string& name, const std::string& content) {
    proc_.write("thread-self/net/" + name, content);
  }
  reading::TcpCounters read() { return TcpCountersReader(proc_.root(), KeepOpen::kNo).read(); }

  ProcTree proc_;
};

TEST_F(TcpCountersTest, FoundByName) {
  set("netstat",
      "TcpExt: SyncookiesSent TW TWRecycled TWKilled ListenOverflows ListenDrops "
      "TCPTimeWaitOverflow\nTcpExt: 1 20 3 4 5 6 7\n"
      "IpExt: InNoRoutes TW\nIpExt: 8 9\n");
  set("snmp",
      "Ip: Forwarding ActiveOpens\nIp: 1 64\n"
      "Tcp: RtoAlgorithm MaxConn ActiveOpens AttemptFails\nTcp: 1 -1 100 18446744073709551615\n");
  set("sockstat", "sockets: used 5\nTCP: inuse 1 orphan 0 tw 12 alloc 3 mem 1\nUDP: inuse 2\n");
  const reading::TcpCounters counters = read();
  EXPECT_EQ(counters.time_wait_entered, 20u);
  EXPECT_EQ(counters.time_wait_reused, 3u);
  EXPECT_EQ(counters.listen_overflows, 5u);
  EXPECT_EQ(counters.listen_drops, 6u);
  EXPECT_EQ(counters.time_wait_overflow, 7u);
  EXPECT_EQ(counters.active_opens, 100u);
  EXPECT_EQ(counters.attempt_fails, 18446744073709551615u);
  EXPECT_EQ(counters.time_wait_sockets, 12u);
}

TEST_F(TcpCountersTest, WhatIsNotThereIsAbsent) {
  set("netstat", "TcpExt: TW\nTcpExt: 20\n");
  const reading::TcpCounters counters = read();
  EXPECT_EQ(counters.time_wait_entered, 20u);
  EXPECT_FALSE(counters.time_wait_reused.has_value());
  EXPECT_FALSE(counters.active_opens.has_value());
  EXPECT_FALSE(counters.time_wait_sockets.has_value());
}

TEST_F(TcpCountersTest, BrokenTablesGiveNothing) {
  for (const char* netstat : {"", "TcpExt:", "TcpExt: TW", "TcpExt: TW\n", "TcpExt: TW\nTcpExt:\n",
                              "TcpExt: TW\nIpExt: 5\n", "TcpExt: TW\nTcpExt: x5\n",
                              "TcpExt: TW\nTcpExt: -5\n", "TcpExt: A TW\nTcpExt: 5\n"}) {
    set("netstat", netstat);
    EXPECT_FALSE(read().time_wait_entered.has_value()) << netstat;
  }
}

}  // namespace
}  // namespace timewait::kernel
