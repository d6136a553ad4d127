#include "analysis/hashing.h"

#include <functional>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "made_pools.h"

namespace timewait::analysis {
namespace {

using Keys = std::function<PoolKey(std::uint64_t)>;

const inet::Address kLocal = ipv4_address(0x0a000001);
constexpr std::uint64_t kPrefix = 0x20010db800000000;  // 2001:db8::

PoolKey to(const inet::Address& remote, std::uint64_t port = 443) {
  return {kLocal, {remote, static_cast<std::uint16_t>(port)}, 0};
}

// Keys that hosts may well have, numbered from 0 to 65535; each has another remote end.
const std::vector<std::pair<const char*, Keys>>& remote_ends() {
  static const std::vector<std::pair<const char*, Keys>> kEnds = {
      {"ports", [](auto i) { return to(ipv4_address(1), i); }},
      {"a /16", [](auto i) { return to(ipv4_address(0x0a010000 + i)); }},
      {"one in each /24", [](auto i) { return to(ipv4_address(0x0a000001 + (i << 8))); }},
      {"addresses and ports",
       [](auto i) { return to(ipv4_address(0x0a010000 + (i >> 4)), 8000 + (i & 15)); }},
      {"IPv6, the last 16 bits", [](auto i) { return to(inet::Address::from_ipv6(kPrefix, i)); }},
      {"IPv6, the third last",
       [](auto i) { return to(inet::Address::from_ipv6(kPrefix, i << 32 | 1)); }},
      {"IPv6, the fourth last",
       [](auto i) { return to(inet::Address::from_ipv6(kPrefix, i << 48 | 1)); }},
      {"one in each /64", [](auto i) { return to(inet::Address::from_ipv6(kPrefix | i, 1)); }},
      {"one in each /48",
       [](auto i) { return to(inet::Address::from_ipv6(kPrefix | i << 16, 1)); }},
      {"one in each /32", [](auto i) { return to(inet::Address::from_ipv6(i << 32, 1)); }},
      {"one in each /16", [](auto i) { return to(inet::Address::from_ipv6(i << 48, 1)); }},
  };
  return kEnds;
}

// The same, of local addresses.
const std::vector<std::pair<const char*, Keys>>& local_ends() {
  static const std::vector<std::pair<const char*, Keys>> kEnds = {
      {"local addresses",
       [](auto i) {
         return PoolKey{ipv4_address(0x7f000001 + i), {ipv4_address(0x7f000001), 80}, 0};
       }},
      {"the same on both ends",
       [](auto i) {
         return PoolKey{ipv4_address(0x7f000001 + i), {ipv4_address(0x7f000001 + i), 80}, 0};
       }},
      {"local and remote ones",
       [](auto i) {
         return PoolKey{
             ipv4_address(0x0a000001 + (i & 15)), {ipv4_address(0x0a010000 + (i >> 4)), 443}, 0};
       }},
      {"local IPv6, the fourth last",
       [](auto i) {
         return PoolKey{inet::Address::from_ipv6(kPrefix, i << 48),
                        {inet::Address::from_ipv6(kPrefix, 1), 443},
                        0};
       }},
      {"zones",
       [](auto i) {
         const inet::Address remote = inet::Address::from_ipv6(0xfe80000000000000, 1);
         return PoolKey{kLocal, {remote, 443}, static_cast<std::uint32_t>(i)};
       }},
  };
  return kEnds;
}

// How many of the first keys share a home on average, in a table of twice as many.
double sharing(const Keys& keys, std::size_t count,
               const std::function<std::uint64_t(const PoolKey&)>& home_of) {
  std::set<std::uint64_t> homes;
  for (std::size_t i = 0; i < count; ++i) homes.insert(home_of(keys(i)));
  return static_cast<double>(count) / static_cast<double>(homes.size());
}

// Chance alone makes it 1.27. A few more are still a short way to look.
constexpr double kFew = 10;

class HashingTest : public testing::TestWithParam<int> {};

TEST_P(HashingTest, TheHighestBitsTellPoolsApart) {
  const auto home_of = [](const PoolKey& key) {
    return pool_hash(key.local, key.remote, key.zone) >> (63 - GetParam());
  };
  for (const auto* ends : {&remote_ends(), &local_ends()}) {
    for (const auto& [name, keys] : *ends) {
      EXPECT_LT(sharing(keys, std::size_t{1} << GetParam(), home_of), kFew) << name;
    }
  }
}

TEST_P(HashingTest, TheLowBitsOfPoolKeyHash) {
  const auto home_of = [](const PoolKey& key) {
    return PoolKeyHash()(key) & ((std::size_t{2} << GetParam()) - 1);
  };
  for (const auto* ends : {&remote_ends(), &local_ends()}) {
    for (const auto& [name, keys] : *ends) {
      EXPECT_LT(sharing(keys, std::size_t{1} << GetParam(), home_of), kFew) << name;
    }
  }
}

TEST_P(HashingTest, TheLowBitsOfEndpointHash) {
  const auto home_of = [](const PoolKey& key) {
    return EndpointHash()(key.remote) & ((std::size_t{2} << GetParam()) - 1);
  };
  for (const auto& [name, keys] : remote_ends()) {
    EXPECT_LT(sharing(keys, std::size_t{1} << GetParam(), home_of), kFew) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Bits, HashingTest, testing::Values(6, 8, 10, 12, 14, 16));

TEST(Hashing, EqualKeysHaveEqualHashes) {
  const PoolKey key = to(ipv4_address(1));
  const PoolKey same = to(inet::Address::parse("::ffff:0.0.0.1").value());
  EXPECT_EQ(PoolKeyHash()(key), PoolKeyHash()(same));
  EXPECT_EQ(EndpointHash()(key.remote), EndpointHash()(same.remote));
}

}  // namespace
}  // namespace timewait::analysis
