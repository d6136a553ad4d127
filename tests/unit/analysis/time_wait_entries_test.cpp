#include "analysis/time_wait_entries.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace timewait::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = TimeWaitEntries::Time;

const Time kStart = Time() + seconds(1000);

struct Entry {
  std::uint64_t cookie;
  Time at;
};

// What a poll counts that sees those of the entries that are there `into_the_dump` after its start
// and not gone yet. It takes each for `error` older than it is.
int poll(TimeWaitEntries& entries, Time started_at, const std::vector<Entry>& sockets,
         milliseconds error = milliseconds(0), milliseconds into_the_dump = milliseconds(0)) {
  entries.begin(started_at);
  int count = 0;
  const Time filled_at = started_at + into_the_dump;
  for (const Entry& entry : sockets) {
    const auto age = std::chrono::duration_cast<milliseconds>(filled_at - entry.at);
    if (age < milliseconds(0) || age > reading::kTimeWaitLength) continue;
    reading::SocketRecord socket;
    socket.state = inet::TcpState::kTimeWait;
    socket.cookie = entry.cookie;
    socket.time_wait_left = reading::kTimeWaitLength - std::max(milliseconds(0), age + error);
    if (entries.is_new(socket, filled_at)) ++count;
  }
  entries.commit();
  return count;
}

TEST(TimeWaitEntries, TheFirstPollCountsAllThatItSees) {
  TimeWaitEntries entries;
  EXPECT_EQ(poll(entries, kStart, {{1, kStart - seconds(59)}, {2, kStart - milliseconds(1)}}), 2);
}

TEST(TimeWaitEntries, EachIsCountedOnce) {
  TimeWaitEntries entries;
  std::vector<Entry> sockets = {{1, kStart - seconds(30)}, {2, kStart - milliseconds(1)}};
  EXPECT_EQ(poll(entries, kStart, sockets), 2);
  EXPECT_EQ(poll(entries, kStart + seconds(5), sockets), 0);
  sockets.push_back({3, kStart + seconds(6)});
  EXPECT_EQ(poll(entries, kStart + seconds(10), sockets), 1);
  EXPECT_EQ(poll(entries, kStart + seconds(15), sockets), 0);
}

TEST(TimeWaitEntries, PollsMayBeNearlyAMinuteApart) {
  TimeWaitEntries entries;
  EXPECT_EQ(poll(entries, kStart, {}), 0);
  const std::vector<Entry> sockets = {{1, kStart + seconds(1)}, {2, kStart + seconds(57)}};
  EXPECT_EQ(poll(entries, kStart + seconds(58), sockets), 2);
}

// Steady arrivals and polls whose clock is wrong by up to 1.6 s in either direction, the dump under
// way for 80 ms: no socket is lost, none is counted twice.
TEST(TimeWaitEntries, ErrorsOfTheClockDoNotMiscount) {
  for (const int polls_apart_ms : {100, 200, 1000, 5000}) {
    TimeWaitEntries entries;
    std::vector<Entry> sockets;
    for (std::uint64_t i = 0; i < 10'000; ++i) {
      sockets.push_back({i + 1, kStart + milliseconds(3 * i)});
    }
    int counted = 0;
    Time now = kStart;
    for (int i = 0; now < kStart + seconds(36); ++i) {
      const milliseconds error((i % 5 - 2) * 800);
      counted += poll(entries, now, sockets, error, milliseconds(80));
      now += milliseconds(polls_apart_ms);
    }
    EXPECT_EQ(counted, 10'000) << polls_apart_ms;
  }
}

TEST(TimeWaitEntries, APollThatFailsCountsNothing) {
  TimeWaitEntries entries;
  EXPECT_EQ(poll(entries, kStart, {}), 0);
  entries.begin(kStart + seconds(5));
  reading::SocketRecord socket;
  socket.state = inet::TcpState::kTimeWait;
  socket.cookie = 1;
  socket.time_wait_left = milliseconds(59'000);
  EXPECT_TRUE(entries.is_new(socket, kStart + seconds(5)));  // and no commit()
  EXPECT_EQ(poll(entries, kStart + seconds(10), {{1, kStart + seconds(4)}}), 1);
}

}  // namespace
}  // namespace timewait::analysis
