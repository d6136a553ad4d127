#include "analysis/pool_index.h"

#include <array>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "made_pools.h"

namespace timewait::analysis {
namespace {

// An index and its pools, and beside it a map that does it plainly.
class PoolIndexTest : public testing::Test {
 protected:
  struct Pool {
    PoolKey key;
  };

  // The number of the pool, which is appended if there is none.
  std::uint32_t number_of(const PoolKey& key) {
    const std::uint32_t number = index_.number_of(key.local, key.remote, key.zone, pools_);
    if (number == pools_.size()) pools_.push_back({key});
    return number;
  }

  void look_up(const PoolKey& key) {
    const auto [entry, is_new] = plainly_.try_emplace(key, plainly_.size());
    ASSERT_EQ(number_of(key), entry->second);
    ASSERT_EQ(pools_.size(), plainly_.size());
  }

  void look_up_all() {
    const std::vector<Pool> pools = pools_;
    for (const Pool& pool : pools) look_up(pool.key);
  }

  // Leaves about one in `share`, and numbers them anew.
  void evict(std::uint32_t share, std::mt19937& random) {
    std::erase_if(pools_, [&](const Pool&) { return random() % share != 0; });
    index_.rebuild(pools_);
    plainly_.clear();
    for (const Pool& pool : pools_) plainly_.emplace(pool.key, plainly_.size());
  }

  void clear() {
    pools_.clear();
    plainly_.clear();
    index_.clear();
  }

  PoolIndex index_;
  std::vector<Pool> pools_;
  std::map<PoolKey, std::uint32_t> plainly_;
};

PoolKey key_of(std::uint32_t number) {
  return {ipv4_address(0x0a000001), {ipv4_address(0x0a010000 + number), 443}, 0};
}

PoolKey key_of_words(const std::array<std::uint64_t, 5>& words) {
  return {inet::Address::from_ipv6(words[0], words[1]),
          {inet::Address::from_ipv6(words[2], words[3]), static_cast<std::uint16_t>(words[4])},
          static_cast<std::uint32_t>(words[4] >> 16)};
}

TEST_F(PoolIndexTest, GrowsAndFindsAll) {
  for (std::uint32_t number = 0; number < 10'000; ++number) {
    look_up(key_of(number));
    look_up(key_of(number));
    if (number < 300) look_up_all();  // at every size, before it grows and after
  }
  look_up_all();
}

// No part of a key may go unseen.
TEST_F(PoolIndexTest, KeysThatDifferInOneBit) {
  const std::array<std::uint64_t, 5> words = {0x20010db800000000, 1, 0x20010db800000000, 2, 443};
  look_up(key_of_words(words));
  for (std::size_t word = 0; word < words.size(); ++word) {
    for (int bit = 0; bit < (word == 4 ? 48 : 64); ++bit) {
      std::array<std::uint64_t, 5> other = words;
      other[word] ^= std::uint64_t{1} << bit;
      look_up(key_of_words(other));
    }
  }
  EXPECT_EQ(pools_.size(), 1u + 4 * 64 + 48);
  look_up_all();
}

// With so many, some are told apart by nothing but that part: they share a run, and the bits of the
// hash that a slot holds.
TEST_F(PoolIndexTest, KeysThatDifferInOnePart) {
  std::mt19937_64 random(1);
  for (std::size_t word = 0; word < 4; ++word) {
    std::array<std::uint64_t, 5> words = {0x20010db800000000, 1, 0x20010db800000000, 2, 443};
    for (int i = 0; i < 130'000; ++i) {
      words[word] = random();
      look_up(key_of_words(words));
    }
    clear();
  }
  for (int i = 0; i < 130'000; ++i) {
    look_up(
        key_of_words({0xfe80000000000000, 1, 0xfe80000000000000, 2, random() << 32 >> 16 | 443}));
  }
  clear();
  for (int i = 0; i < 130'000; ++i) {
    look_up(key_of_words({0, 1, 0, 1, random() & 0xffff}));
  }
}

// Runs that are long, that begin at the last slot and go on at the first.
TEST_F(PoolIndexTest, KeysThatHaveTheSameHome) {
  const auto home_of = [](const PoolKey& key) {
    return pool_hash(key.local, key.remote, key.zone) >> 54;
  };
  for (const std::uint64_t home : {1023u, 0u, 500u}) {
    std::vector<PoolKey> keys;
    for (std::uint32_t number = 0; keys.size() < 150; ++number) {
      if (home_of(key_of(number)) == home) keys.push_back(key_of(number));
    }
    for (const PoolKey& key : keys) look_up(key);
    look_up_all();
  }
  EXPECT_EQ(pools_.size(), 450u);
}

TEST_F(PoolIndexTest, MayBeRebuiltAndGrowOn) {
  std::mt19937 random(1);
  for (int round = 0; round < 30; ++round) {
    const std::uint32_t span = 50u << round % 9;
    std::uniform_int_distribution<std::uint32_t> numbers(0, span - 1);
    for (std::uint32_t i = 0; i < 2 * span; ++i) look_up(key_of(numbers(random)));
    evict(2 + round % 3, random);
    look_up_all();
  }
}

TEST_F(PoolIndexTest, RebuiltOfNone) {
  look_up(key_of(1));
  pools_.clear();
  plainly_.clear();
  index_.rebuild(pools_);
  look_up(key_of(1));
  look_up(key_of(2));
}

TEST_F(PoolIndexTest, AClearedOneHasForgottenAll) {
  for (int round = 0; round < 3; ++round) {
    for (std::uint32_t number = 0; number < 1000; ++number) look_up(key_of(7 * number + round));
    clear();
  }
}

// As many as it can number: their numbers and what else a slot holds do not touch.
TEST_F(PoolIndexTest, AsManyAsItCanNumber) {
  for (std::uint32_t number = 0; number < PoolIndex::kMaxNumbers; ++number) {
    ASSERT_EQ(number_of(key_of(number)), number);
  }
  for (std::uint32_t number = 0; number < PoolIndex::kMaxNumbers; ++number) {
    ASSERT_EQ(number_of(key_of(number)), number);
  }
}

}  // namespace
}  // namespace timewait::analysis
