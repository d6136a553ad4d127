#include "analysis/tightness.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "made_pools.h"

namespace timewait::analysis {
namespace {

using Numbers = std::vector<std::uint32_t>;

// All of them, tightest first.
Numbers sorted(std::span<const PoolTally> pools, Numbers numbers) {
  std::sort(numbers.begin(), numbers.end(),
            [&](std::uint32_t a, std::uint32_t b) { return is_tighter(pools[a], pools[b]); });
  return numbers;
}

Numbers all_of(std::span<const PoolTally> pools) {
  Numbers numbers(pools.size());
  std::iota(numbers.begin(), numbers.end(), 0u);
  return numbers;
}

Numbers first(std::size_t count, Numbers numbers) {
  numbers.resize(std::min(count, numbers.size()));
  return numbers;
}

TEST(IsTighter, TheOrder) {
  const std::vector<PoolTally> tightest_first = {
      made_pool(9, 9, {50, 10}, 50),                                  // 40 ports lost
      made_pool(8, 8, {60, 30}, 60),                                  // 30 lost
      made_pool(7, 7, {30, 0}, 31),                                   // and fewer used
      made_pool(6, 6, {30, 0}, 30),                                   // and fewer sockets
      made_pool(6, 7, {30, 0}, 30),                                   // and a higher key
      made_pool(7, 6, {30, 0}, 30),  made_pool(0, 0, {90, 90}, 900),  // 0 lost
      made_pool(1, 1, {0, 0}, 901),
  };
  for (std::size_t a = 0; a < tightest_first.size(); ++a) {
    for (std::size_t b = 0; b < tightest_first.size(); ++b) {
      EXPECT_EQ(is_tighter(tightest_first[a], tightest_first[b]), a < b) << a << ' ' << b;
    }
  }
}

TEST(IsTighter, SocketsOfAllStatesCount) {
  PoolTally a = made_pool(1, 1, {5, 0}, 5);
  PoolTally b = made_pool(2, 2, {5, 0}, 5);
  EXPECT_TRUE(is_tighter(a, b));
  b.sockets[inet::TcpState::kEstablished] = 1;
  EXPECT_TRUE(is_tighter(b, a));
}

// A pool that a dump in motion makes overrun is no less tight for it.
TEST(IsTighter, FiguresMayBeAsLargeAsTheyCome) {
  const PoolTally most = made_pool(1, 1, {UINT32_MAX, 0}, UINT32_MAX);
  const PoolTally none = made_pool(2, 2, {UINT32_MAX, UINT32_MAX}, UINT32_MAX);
  EXPECT_TRUE(is_tighter(most, none));
  EXPECT_FALSE(is_tighter(none, most));
}

TEST(Tightest, AsASortWouldHaveIt) {
  std::mt19937 random(1);
  for (const std::size_t size : {0, 1, 2, 19, 20, 21, 1000}) {
    for (const std::uint32_t spread : {2u, 10u, 30'000u}) {
      const std::vector<PoolTally> pools = random_pools(size, 100, spread, random);
      for (const std::size_t count : {0, 1, 2, 20, 256, 5000}) {
        EXPECT_EQ(tightest(pools, count), first(count, sorted(pools, all_of(pools))));
      }
    }
  }
}

// The tightest pools of the tightest remote ends, from a map of all.
Numbers remotes_plainly(std::span<const PoolTally> pools, std::size_t count) {
  std::map<inet::Endpoint, std::uint32_t> pool_of;
  for (std::uint32_t number = 0; number < pools.size(); ++number) {
    const auto [entry, is_new] = pool_of.try_emplace(pools[number].key.remote, number);
    if (is_tighter(pools[number], pools[entry->second])) entry->second = number;
  }
  Numbers numbers;
  for (const auto& [remote, number] : pool_of) numbers.push_back(number);
  return first(count, sorted(pools, numbers));
}

enum class Wanted { kOnly, kAll };

Numbers found_in(std::span<const PoolTally> pools, std::size_t count, const Numbers& order,
                 Wanted wanted) {
  TightestRemotes remotes(pools, count);
  for (const std::uint32_t number : order) {
    if (wanted == Wanted::kAll || remotes.wants(number)) remotes.offer(number);
    EXPECT_LE(remotes.size(), 2 * count);
  }
  EXPECT_GE(remotes.size(), remotes_plainly(pools, count).size());
  return remotes.found();
}

TEST(TightestRemotes, InWhateverOrderTheyCome) {
  std::mt19937 random(1);
  for (const std::uint32_t remotes : {1u, 20u, 45u, 1000u}) {
    for (const std::uint32_t spread : {2u, 30'000u}) {
      const std::vector<PoolTally> pools = random_pools(2000, remotes, spread, random);
      const Numbers tightest_first = sorted(pools, all_of(pools));
      const Numbers tightest_last(tightest_first.rbegin(), tightest_first.rend());
      for (const std::size_t count : {0, 1, 20, 500}) {
        const Numbers expected = remotes_plainly(pools, count);
        for (const Numbers& order : {all_of(pools), tightest_first, tightest_last}) {
          EXPECT_EQ(found_in(pools, count, order, Wanted::kOnly), expected);
          EXPECT_EQ(found_in(pools, count, order, Wanted::kAll), expected);
        }
      }
    }
  }
}

TEST(TightestRemotes, MayBeOfferedAPoolAgain) {
  std::mt19937 random(1);
  const std::vector<PoolTally> pools = random_pools(100, 30, 10, random);
  Numbers twice = all_of(pools);
  for (const std::uint32_t number : all_of(pools)) twice.push_back(number);
  EXPECT_EQ(found_in(pools, 5, twice, Wanted::kAll), remotes_plainly(pools, 5));
}

// What makes it cheap: once it has seen many, it wants few.
TEST(TightestRemotes, WantsFewOfVeryMany) {
  std::mt19937 random(1);
  const std::vector<PoolTally> pools = random_pools(20'000, 1'000'000, 30'000, random);
  TightestRemotes remotes(pools, 20);
  std::size_t wanted = 0;
  for (std::uint32_t number = 0; number < pools.size(); ++number) {
    if (!remotes.wants(number)) continue;
    remotes.offer(number);
    ++wanted;
  }
  EXPECT_LT(wanted, 500u);
}

}  // namespace
}  // namespace timewait::analysis
