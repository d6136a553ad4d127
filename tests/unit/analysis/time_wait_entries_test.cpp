#include "analysis/time_wait_entries.h"

#include <vector>

#include <gtest/gtest.h>

namespace timewait::analysis {
namespace {

using std::chrono::seconds;

int count_new(TimeWaitEntries& entries, const std::vector<std::uint64_t>& cookies,
              std::chrono::milliseconds left = seconds(30)) {
  int count = 0;
  for (const std::uint64_t cookie : cookies) {
    reading::SocketRecord socket;
    socket.state = inet::TcpState::kTimeWait;
    socket.cookie = cookie;
    socket.time_wait_left = left;
    if (entries.is_new(socket)) ++count;
  }
  return count;
}

int poll(TimeWaitEntries& entries, const std::vector<std::uint64_t>& cookies,
         std::chrono::milliseconds left = seconds(30)) {
  entries.begin();
  const int count = count_new(entries, cookies, left);
  entries.commit();
  return count;
}

TEST(TimeWaitEntries, TheFirstPollCountsAllThatItSees) {
  TimeWaitEntries entries;
  EXPECT_EQ(poll(entries, {1, 2, 3}), 3);
}

TEST(TimeWaitEntries, EachIsCountedOnce) {
  TimeWaitEntries entries;
  EXPECT_EQ(poll(entries, {1, 2}), 2);
  EXPECT_EQ(poll(entries, {1, 2, 3}), 1);
  EXPECT_EQ(poll(entries, {2, 3}), 0);
  EXPECT_EQ(poll(entries, {}), 0);
  EXPECT_EQ(poll(entries, {4}), 1);
}

TEST(TimeWaitEntries, ASocketThatADumpShowsTwiceIsCountedOnce) {
  TimeWaitEntries entries;
  EXPECT_EQ(poll(entries, {1, 2, 1}), 2);
  EXPECT_EQ(poll(entries, {3, 1, 3}), 1);
}

TEST(TimeWaitEntries, ATimerThatStartsAnewIsNoNewSocket) {
  TimeWaitEntries entries;
  EXPECT_EQ(poll(entries, {1}, seconds(20)), 1);
  EXPECT_EQ(poll(entries, {1}, seconds(60)), 0);
}

TEST(TimeWaitEntries, APollThatFailsCountsNothing) {
  TimeWaitEntries entries;
  EXPECT_EQ(poll(entries, {1}), 1);
  entries.begin();
  EXPECT_EQ(count_new(entries, {1, 2}), 1);  // and no commit()
  EXPECT_EQ(poll(entries, {1, 2, 3}), 2);
}

}  // namespace
}  // namespace timewait::analysis
