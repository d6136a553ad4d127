#include "analysis/time_wait_entries.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <set>
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

// Against sets that do it plainly: the table grows, and loses and gains sockets in each poll.
TEST(TimeWaitEntries, ManyPollsOfManySockets) {
  std::mt19937_64 random(1);
  TimeWaitEntries entries;
  std::set<std::uint64_t> last;
  for (int round = 0; round < 60; ++round) {
    const std::uint64_t spread = round % 3 == 0 ? 1'000'003 : 1;
    std::vector<std::uint64_t> cookies(200 * round);
    std::generate(cookies.begin(), cookies.end(), [&] { return 1 + random() % 10'000 * spread; });
    const std::set<std::uint64_t> seen(cookies.begin(), cookies.end());
    const bool fails = round % 7 == 6;
    std::vector<std::uint64_t> fresh;
    std::set_difference(seen.begin(), seen.end(), last.begin(), last.end(),
                        std::back_inserter(fresh));
    entries.begin();
    ASSERT_EQ(count_new(entries, cookies), static_cast<int>(fresh.size()));
    if (fails) continue;
    entries.commit();
    last = seen;
  }
}

}  // namespace
}  // namespace timewait::analysis
