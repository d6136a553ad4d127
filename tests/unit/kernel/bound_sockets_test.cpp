#include "kernel/bound_sockets.h"

#include <vector>

#include <gtest/gtest.h>

namespace timewait::kernel {
namespace {

using inet::TcpState;
using reading::SocketRecord;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr BoundSockets::Clock::time_point kStart{seconds(1000)};

std::vector<SocketRecord> sockets_in(TcpState state, std::size_t count) {
  SocketRecord socket;
  socket.state = state;
  return std::vector<SocketRecord>(count, socket);
}

class BoundSocketsTest : public testing::Test {
 protected:
  // A dump that asks, in two parts as datagrams may cut it.
  void ask(std::size_t bound, std::size_t time_waits, BoundSockets::Clock::time_point at = kStart) {
    sockets_.begin();
    std::vector<SocketRecord> holders = sockets_in(TcpState::kListen, 3);
    const std::vector<SocketRecord> merely_bound = sockets_in(TcpState::kClose, bound);
    holders.insert(holders.end(), merely_bound.begin(), merely_bound.end());
    sockets_.see(holders);
    sockets_.see(sockets_in(TcpState::kTimeWait, time_waits));
    sockets_.finish(at);
  }

  BoundSockets sockets_;
};

TEST_F(BoundSocketsTest, TheFirstDumpAsks) { EXPECT_TRUE(sockets_.are_due(kStart)); }

TEST_F(BoundSocketsTest, OnlyTheyAreRemembered) {
  ask(2, 10);
  ASSERT_EQ(sockets_.known().size(), 2u);
  EXPECT_EQ(sockets_.known()[0].state, TcpState::kClose);
}

TEST_F(BoundSocketsTest, AnAnswerStandsForATenthOfAMillisecondPerSocket) {
  ask(0, 9'997);
  EXPECT_FALSE(sockets_.are_due(kStart + milliseconds(999)));
  EXPECT_TRUE(sockets_.are_due(kStart + milliseconds(1000)));
}

TEST_F(BoundSocketsTest, AnAnswerStandsForAMinuteAtMost) {
  ask(0, 2'000'000);
  EXPECT_FALSE(sockets_.are_due(kStart + milliseconds(59'999)));
  EXPECT_TRUE(sockets_.are_due(kStart + seconds(60)));
}

TEST_F(BoundSocketsTest, TheLatestAnswerCounts) {
  ask(5, 1'000'000);
  ask(1, 100, kStart + seconds(60));
  EXPECT_EQ(sockets_.known().size(), 1u);
  EXPECT_TRUE(sockets_.are_due(kStart + seconds(61)));
}

TEST_F(BoundSocketsTest, ADumpThatBreaksOffChangesNothing) {
  ask(5, 1'000'000);
  sockets_.begin();
  sockets_.see(sockets_in(TcpState::kClose, 1));
  EXPECT_EQ(sockets_.known().size(), 5u);
  EXPECT_FALSE(sockets_.are_due(kStart + seconds(59)));
  EXPECT_TRUE(sockets_.are_due(kStart + seconds(60)));
  ask(2, 0);
  EXPECT_EQ(sockets_.known().size(), 2u);
}

TEST_F(BoundSocketsTest, TooManyAreNotRemembered) {
  ask(BoundSockets::kMost, 1'000'000);
  EXPECT_EQ(sockets_.known().size(), BoundSockets::kMost);
  EXPECT_FALSE(sockets_.are_due(kStart));
  ask(BoundSockets::kMost + 1, 1'000'000);
  EXPECT_TRUE(sockets_.known().empty());
  EXPECT_TRUE(sockets_.are_due(kStart));
}

}  // namespace
}  // namespace timewait::kernel
