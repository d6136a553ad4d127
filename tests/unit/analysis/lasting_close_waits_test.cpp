#include "analysis/lasting_close_waits.h"

#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "analysis/aggregator.h"
#include "made_sockets.h"

namespace timewait::analysis {
namespace {

using inet::TcpState;
using std::chrono::milliseconds;
using std::chrono::seconds;

class LastingCloseWaitsTest : public testing::Test {
 protected:
  // How many last; absent if the poll does not tell.
  std::optional<int> poll(milliseconds at, const std::vector<std::uint64_t>& cookies) {
    close_waits_.begin();
    const int count = ask_for(cookies);
    if (!close_waits_.end(LastingCloseWaits::Clock::time_point(at))) return std::nullopt;
    return count;
  }

  int ask_for(const std::vector<std::uint64_t>& cookies) {
    int count = 0;
    for (const std::uint64_t cookie : cookies) {
      reading::SocketRecord socket;
      socket.cookie = cookie;
      if (close_waits_.lasts(socket)) ++count;
    }
    return count;
  }

  LastingCloseWaits close_waits_;
};

TEST_F(LastingCloseWaitsTest, WhoIsThereAtTwoPollsLasts) {
  EXPECT_EQ(poll(seconds(0), {1, 2, 3}), std::nullopt);
  EXPECT_EQ(poll(seconds(5), {2, 3, 4}), 2);
  EXPECT_EQ(poll(seconds(10), {4, 5}), 1);
}

TEST_F(LastingCloseWaitsTest, PollsThatAreNearerTellNothing) {
  poll(seconds(0), {1});
  EXPECT_EQ(poll(seconds(1), {1, 2}), std::nullopt);
  EXPECT_EQ(poll(milliseconds(1'999), {1, 2}), std::nullopt);
  EXPECT_EQ(poll(seconds(2), {1, 2}), 1);
  EXPECT_EQ(poll(seconds(3), {1, 2}), std::nullopt);
  EXPECT_EQ(poll(seconds(4), {1, 2}), 2);
}

TEST_F(LastingCloseWaitsTest, APollThatFailsLeavesNoTrace) {
  poll(seconds(0), {1});
  close_waits_.begin();
  ask_for({1, 2});  // and no end()
  EXPECT_EQ(poll(seconds(2), {1, 2}), 1);
}

// --- Through the aggregator

class CloseWaitsOfAHostTest : public testing::Test {
 protected:
  // Polls `count` sockets in CLOSE_WAIT toward a peer and as many of a listener.
  Snapshot poll(seconds at, std::uint64_t first_cookie, std::uint64_t count) {
    std::vector<reading::SocketRecord> sockets = {listener_on("0.0.0.0", 80)};
    for (std::uint64_t i = 0; i < count; ++i) {
      const int port = 40'000 + static_cast<int>((first_cookie + i) % 10'000);
      sockets.push_back(
          socket_in(TcpState::kCloseWait, endpoint("10.0.0.1", port), endpoint("10.0.0.9", 5432)));
      sockets.back().cookie = first_cookie + 2 * i;
      sockets.push_back(
          socket_in(TcpState::kCloseWait, endpoint("10.0.0.1", 80), endpoint("10.0.0.2", port)));
      sockets.back().cookie = first_cookie + 2 * i + 1;
    }
    aggregator_.begin({}, {});
    aggregator_.add(sockets);
    return aggregator_.finish(
        {}, {.wall = {}, .steady = std::chrono::steady_clock::time_point(at), .source = "netlink"});
  }

  Aggregator aggregator_{Rules{}};
};

TEST_F(CloseWaitsOfAHostTest, LeaksAreKnownByPeerAndListener) {
  poll(seconds(0), 1, 30);
  const Snapshot snapshot = poll(seconds(5), 1, 50);
  ASSERT_EQ(snapshot.discovered_peers.size(), 1u);
  ASSERT_EQ(snapshot.listeners.size(), 1u);
  EXPECT_EQ(snapshot.discovered_peers[0].group.lasting_close_waits, 30u);
  EXPECT_EQ(snapshot.listeners[0].group.lasting_close_waits, 30u);
}

TEST_F(CloseWaitsOfAHostTest, WhatIsOnItsWayToCloseIsNone) {
  constexpr std::uint64_t kManyAtAnyMoment = 3'000;
  for (int i = 0; i < 5; ++i) {
    const Snapshot snapshot = poll(seconds(5 * i), 1 + 100'000 * i, kManyAtAnyMoment);
    EXPECT_EQ(snapshot.discovered_peers[0].group.sockets[TcpState::kCloseWait], kManyAtAnyMoment);
    EXPECT_EQ(snapshot.discovered_peers[0].group.lasting_close_waits, 0u);
    EXPECT_EQ(snapshot.listeners[0].group.lasting_close_waits, 0u);
  }
}

}  // namespace
}  // namespace timewait::analysis
