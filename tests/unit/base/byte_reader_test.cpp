#include "base/byte_reader.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

namespace timewait::base {
namespace {

constexpr std::array<std::uint8_t, 5> kBytes = {1, 2, 3, 4, 5};

ByteReader reader() { return ByteReader(std::as_bytes(std::span(kBytes))); }

TEST(ByteReader, ReadsWhatIsThereAndNoMore) {
  ByteReader bytes = reader();
  EXPECT_EQ(bytes.read<std::uint8_t>(), 1);
  EXPECT_TRUE(bytes.read<std::uint32_t>().has_value());
  EXPECT_TRUE(bytes.empty());
  EXPECT_FALSE(bytes.read<std::uint8_t>().has_value());
}

TEST(ByteReader, AFailedReadConsumesNothing) {
  ByteReader bytes = reader();
  EXPECT_FALSE(bytes.read<std::uint64_t>().has_value());
  EXPECT_EQ(bytes.remaining(), kBytes.size());
}

TEST(ByteReader, TakeSplitsOffTheFront) {
  ByteReader bytes = reader();
  std::optional<ByteReader> front = bytes.take(2);
  ASSERT_TRUE(front.has_value());
  EXPECT_EQ(front->remaining(), 2u);
  EXPECT_EQ(bytes.read<std::uint8_t>(), 3);
  EXPECT_FALSE(bytes.take(3).has_value());
  EXPECT_EQ(bytes.remaining(), 2u);
}

TEST(ByteReader, SkipStopsAtTheEnd) {
  ByteReader bytes = reader();
  bytes.skip_up_to(3);
  EXPECT_EQ(bytes.remaining(), 2u);
  bytes.skip_up_to(3);
  EXPECT_TRUE(bytes.empty());
}

struct Pair {
  std::uint8_t first;
  std::uint8_t second;
};

TEST(ByteReader, AViewReadsFieldsWhereTheyLie) {
  ByteReader bytes = reader();
  bytes.skip_up_to(1);
  const StructView<Pair> pair = bytes.view<Pair>();
  EXPECT_EQ((pair.field<std::uint8_t, offsetof(Pair, first)>()), 2);
  EXPECT_EQ((pair.field<std::uint8_t, offsetof(Pair, second)>()), 3);
  EXPECT_EQ(bytes.remaining(), 2u);
}

TEST(ByteReader, AViewBeyondTheEndAborts) {
  ByteReader bytes = reader();
  bytes.skip_up_to(4);
  EXPECT_DEATH(bytes.view<Pair>(), "");
}

}  // namespace
}  // namespace timewait::base
