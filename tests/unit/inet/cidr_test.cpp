#include "inet/cidr.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace timewait::inet {
namespace {

bool contains(std::string_view block, std::string_view address) {
  return Cidr::parse(block).value().contains(Address::parse(address).value());
}

TEST(Cidr, Ipv4Blocks) {
  EXPECT_TRUE(contains("203.0.113.0/24", "203.0.113.0"));
  EXPECT_TRUE(contains("203.0.113.0/24", "203.0.113.255"));
  EXPECT_FALSE(contains("203.0.113.0/24", "203.0.114.0"));
  EXPECT_TRUE(contains("10.128.0.0/9", "10.255.0.1"));
  EXPECT_FALSE(contains("10.128.0.0/9", "10.127.255.255"));
  EXPECT_TRUE(contains("192.0.2.4/31", "192.0.2.5"));
  EXPECT_FALSE(contains("192.0.2.4/31", "192.0.2.6"));
  EXPECT_TRUE(contains("192.0.2.4/32", "192.0.2.4"));
}

TEST(Cidr, ALoneAddressIsItself) {
  EXPECT_TRUE(contains("127.0.0.1", "::ffff:127.0.0.1"));
  EXPECT_FALSE(contains("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(contains("::1", "::1"));
}

TEST(Cidr, TheFamiliesAreApart) {
  EXPECT_TRUE(contains("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(contains("::/0", "2001:db8::1"));
  EXPECT_FALSE(contains("::/0", "8.8.8.8"));
}

TEST(Cidr, Ipv6Blocks) {
  EXPECT_TRUE(contains("2001:db8::/32", "2001:db8:ffff::1"));
  EXPECT_FALSE(contains("2001:db8::/32", "2001:db9::1"));
  EXPECT_TRUE(contains("2001:db8::8000/113", "2001:db8::ffff"));
  EXPECT_FALSE(contains("2001:db8::8000/113", "2001:db8::7fff"));
}

TEST(Cidr, RejectsWhatIsNoBlock) {
  for (const char* text : {"", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1",
                           "0.0.0.0/-0", "10.0.0.0/08", "10.0.0.0/8x", "10.0.0.0/ 8", "10.0.0.1/8",
                           "2001:db8::1/32", "x/8", "10.0.0.0/99999999999999999999"}) {
    EXPECT_FALSE(Cidr::parse(text).has_value()) << text;
  }
}

void flip(Address::Bytes& bytes, int bit) {
  std::uint8_t& byte = bytes[static_cast<std::size_t>(bit / 8)];
  byte = static_cast<std::uint8_t>(byte ^ 0x80 >> bit % 8);
}

// An address with all bits set but this one.
Address all_but(int bit) {
  Address::Bytes bytes;
  bytes.fill(0xff);
  if (bit < 128) flip(bytes, bit);
  return Address::from_ipv6(bytes);
}

// The address with the first bits set.
Address first_bits(int bits) {
  Address::Bytes bytes{};
  for (int bit = 0; bit < bits; ++bit) flip(bytes, bit);
  return Address::from_ipv6(bytes);
}

TEST(Cidr, ABlockEndsAtItsPrefix) {
  for (int bits = 0; bits <= 128; ++bits) {
    const std::string text = first_bits(bits).to_string() + '/' + std::to_string(bits);
    const std::optional<Cidr> block = Cidr::parse(text);
    ASSERT_TRUE(block) << text;
    EXPECT_TRUE(block->contains(all_but(128))) << text;
    for (int bit = 0; bit < 128; ++bit) {
      EXPECT_EQ(block->contains(all_but(bit)), bit >= bits) << text << ' ' << bit;
    }
  }
}

TEST(Cidr, NoHostBitMayBeSet) {
  for (int bits = 1; bits <= 128; ++bits) {
    const std::string address = first_bits(bits).to_string();
    EXPECT_TRUE(Cidr::parse(address + '/' + std::to_string(bits))) << bits;
    EXPECT_FALSE(Cidr::parse(address + '/' + std::to_string(bits - 1))) << bits;
  }
}

TEST(Cidr, PrefixesOfIpv4) {
  for (int bits = 0; bits <= 32; ++bits) {
    const std::uint32_t mask = bits == 0 ? 0 : ~std::uint32_t{0} << (32 - bits);
    const auto address_of = [](std::uint32_t number) {
      return Address::from_ipv4(
          {static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
           static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)});
    };
    const std::string text = address_of(mask).to_string() + '/' + std::to_string(bits);
    const std::optional<Cidr> block = Cidr::parse(text);
    ASSERT_TRUE(block) << text;
    for (int bit = 0; bit < 32; ++bit) {
      const Address other = address_of(~(std::uint32_t{1} << (31 - bit)));
      EXPECT_EQ(block->contains(other), bit >= bits) << text << ' ' << bit;
    }
    if (bits == 0) continue;
    EXPECT_FALSE(Cidr::parse(address_of(mask).to_string() + '/' + std::to_string(bits - 1)));
  }
}

}  // namespace
}  // namespace timewait::inet
