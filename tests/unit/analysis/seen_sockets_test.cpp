#include "analysis/seen_sockets.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>

namespace timewait::analysis {
namespace {

using std::chrono::seconds;

int count_new(SeenSockets& entries, const std::vector<std::uint64_t>& cookies,
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

int poll(SeenSockets& entries, const std::vector<std::uint64_t>& cookies,
         std::chrono::milliseconds left = seconds(30)) {
  entries.begin();
  const int count = count_new(entries, cookies, left);
  entries.commit();
  return count;
}

TEST(SeenSockets, TheFirstPollCountsAllThatItSees) {
  SeenSockets entries;
  EXPECT_EQ(poll(entries, {1, 2, 3}), 3);
}

TEST(SeenSockets, EachIsCountedOnce) {
  SeenSockets entries;
  EXPECT_EQ(poll(entries, {1, 2}), 2);
  EXPECT_EQ(poll(entries, {1, 2, 3}), 1);
  EXPECT_EQ(poll(entries, {2, 3}), 0);
  EXPECT_EQ(poll(entries, {}), 0);
  EXPECT_EQ(poll(entries, {4}), 1);
}

TEST(SeenSockets, ASocketThatADumpShowsTwiceIsCountedOnce) {
  SeenSockets entries;
  EXPECT_EQ(poll(entries, {1, 2, 1}), 2);
  EXPECT_EQ(poll(entries, {3, 1, 3}), 1);
}

TEST(SeenSockets, ATimerThatStartsAnewIsNoNewSocket) {
  SeenSockets entries;
  EXPECT_EQ(poll(entries, {1}, seconds(20)), 1);
  EXPECT_EQ(poll(entries, {1}, seconds(60)), 0);
}

TEST(SeenSockets, APollThatFailsCountsNothing) {
  SeenSockets entries;
  EXPECT_EQ(poll(entries, {1}), 1);
  entries.begin();
  EXPECT_EQ(count_new(entries, {1, 2}), 1);  // and no commit()
  EXPECT_EQ(poll(entries, {1, 2, 3}), 2);
}

// Against sets that do it plainly: the table grows, and loses and gains sockets in each poll.
TEST(SeenSockets, ManyPollsOfManySockets) {
  std::mt19937_64 random(1);
  SeenSockets entries;
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

// Neighbours of each other and of nothing, and what a narrower number would take for another.
TEST(SeenSockets, CookiesOfAnyKindAreToldApart) {
  std::vector<std::uint64_t> cookies = {UINT64_MAX, UINT64_MAX - 1};
  for (const std::uint64_t edge : {64u, 128u, 4096u, 65536u}) {
    cookies.insert(cookies.end(), {edge - 1, edge, edge + 1});
  }
  for (int bit = 20; bit < 64; ++bit) {
    cookies.insert(cookies.end(), {std::uint64_t{1} << bit, (std::uint64_t{1} << bit) + 1});
  }
  for (std::size_t missing = 0; missing < cookies.size(); ++missing) {
    std::vector<std::uint64_t> others = cookies;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(missing));
    SeenSockets entries;
    EXPECT_EQ(poll(entries, others), static_cast<int>(others.size()));
    EXPECT_EQ(poll(entries, cookies), 1) << cookies[missing];
    EXPECT_EQ(poll(entries, {cookies[missing]}), 0);
    EXPECT_EQ(poll(entries, others), static_cast<int>(others.size()));
  }
}

// Cookies as the kernel counts them, up and (in interrupts) down, and others between; polls that
// see all of them, few or none, and that fail, also one after the other.
TEST(SeenSockets, AnyPollsOfAnySockets) {
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> all;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    all.insert(all.end(), {4000 + i, UINT64_MAX - i, random(), 1'000'000 + 64 * i});
  }
  SeenSockets entries;
  std::set<std::uint64_t> last;
  for (int round = 0; round < 400; ++round) {
    const std::uint64_t share = std::array{0u, 3u, 50u, 97u, 100u}[random() % 5];
    std::set<std::uint64_t> seen;
    entries.begin();
    const auto fails_after = random() % 3 == 0 ? random() % all.size() : all.size();
    for (std::size_t i = 0; i < fails_after; ++i) {
      if (random() % 100 >= share) continue;
      const bool is_fresh = seen.insert(all[i]).second && !last.contains(all[i]);
      ASSERT_EQ(count_new(entries, {all[i]}), is_fresh) << round;
    }
    ASSERT_EQ(count_new(entries, {seen.begin(), seen.end()}), 0) << round;
    if (fails_after < all.size()) continue;
    entries.commit();
    last = seen;
  }
}

// What the program has of malloc(); 0 where that is not glibc's, as under a sanitizer.
std::size_t allocated_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

// The tests of scale count on it: it is what stays of a socket.
TEST(SeenSockets, ManySocketsInARowTakeLittle) {
  constexpr std::uint64_t kSockets = 400'000;
  constexpr std::size_t kMostBytes = 800'000;
  const std::size_t before = allocated_bytes();
  if (before == 0) GTEST_SKIP() << "not told what is allocated";
  SeenSockets entries;
  reading::SocketRecord socket;
  for (std::uint64_t first = 1; first < 4 * kSockets; first += kSockets / 20) {
    entries.begin();
    for (std::uint64_t i = 0; i < kSockets; ++i) {
      socket.cookie = first + i;
      entries.is_new(socket);
      if (i % 4096 == 0) {
        ASSERT_LT(allocated_bytes() - before, kMostBytes);
      }
    }
    entries.commit();
  }
  EXPECT_GT(allocated_bytes() - before, kSockets / 4);  // two bits each, or it was not counted
}

}  // namespace
}  // namespace timewait::analysis
