#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "inet/port_range.h"
#include "inet/port_set.h"

namespace timewait::inet {
namespace {

TEST(PortRange, Parses) {
  EXPECT_EQ(PortRange::parse("443"), (PortRange{443, 443}));
  EXPECT_EQ(PortRange::parse("443-444"), (PortRange{443, 444}));
  EXPECT_EQ(PortRange::parse("1-65535"), (PortRange{1, 65535}));
  for (const char* text : {"", "0", "65536", "-1", "1-", "-", "444-443", "1-2-3", "1 - 2", "0x50",
                           "80,81", "+80", "080", "80 "}) {
    EXPECT_FALSE(PortRange::parse(text).has_value()) << text;
  }
}

TEST(PortRange, Size) {
  EXPECT_EQ((PortRange{32768, 60999}).size(), 28232u);
  EXPECT_EQ((PortRange{0, 65535}).size(), 65536u);
  EXPECT_EQ((PortRange{7, 7}).size(), 1u);
}

TEST(PortSet, CountsInsideARange) {
  PortSet ports;
  ports.insert(PortRange{99, 101});
  ports.insert(65535);
  EXPECT_EQ(ports.size(), 4u);
  EXPECT_EQ(ports.count_in({100, 65535}), 3u);
  EXPECT_EQ(ports.count_in({0, 98}), 0u);
  EXPECT_EQ(ports.count_in({0, 65535}), 4u);
}

TEST(PortSet, KeepsOnlyAnotherSet) {
  PortSet ports;
  ports.insert(PortRange{1, 10});
  PortSet others;
  others.insert(PortRange{8, 20});
  ports.keep_only(others);
  EXPECT_EQ(ports.size(), 3u);
  ports.erase(9);
  EXPECT_FALSE(ports.contains(9));
  EXPECT_TRUE(ports.contains(10));
}

TEST(PortSet, ErasesAnotherSet) {
  PortSet ports;
  ports.insert(PortRange{1, 10});
  PortSet gone;
  gone.insert(PortRange{5, 20});
  ports.erase_all(gone);
  EXPECT_EQ(ports.size(), 4u);
  EXPECT_FALSE(ports.contains(5));
  EXPECT_TRUE(ports.contains(4));
}

// The ends of the numbers, single ports and all of them; port by port.
const std::vector<PortRange> kRanges = {{0, 0},         {0, 1},         {1, 1},     {0, 63},
                                        {63, 64},       {64, 127},      {1, 65534}, {0, 65535},
                                        {65535, 65535}, {65534, 65535}, {1, 65535}, {32768, 60999}};

TEST(PortSet, ARangeIsItsPorts) {
  for (const PortRange range : kRanges) {
    PortSet ports;
    ports.insert(range);
    EXPECT_EQ(ports.size(), range.size());
    for (std::uint32_t port = 0; port <= 65535; ++port) {
      const auto number = static_cast<std::uint16_t>(port);
      ASSERT_EQ(ports.contains(number), range.contains(number)) << port;
    }
  }
}

TEST(PortSet, ARangeAddsToWhatIsThere) {
  PortSet ports;
  ports.insert(65535);
  ports.insert(PortRange{0, 1});
  ports.insert(PortRange{1, 2});
  EXPECT_EQ(ports.size(), 4u);
  EXPECT_TRUE(ports.contains(65535));
}

TEST(PortSet, CountsAsPortByPort) {
  PortSet ports;
  for (std::uint32_t port = 0; port <= 65535; ++port) {
    if (port % 3 == 0 || port % 64 > 61) ports.insert(static_cast<std::uint16_t>(port));
  }
  for (const PortRange range : kRanges) {
    std::uint32_t count = 0;
    for (std::uint32_t port = range.first; port <= range.last; ++port) {
      count += ports.contains(static_cast<std::uint16_t>(port));
    }
    EXPECT_EQ(ports.count_in(range), count) << range.first << '-' << range.last;
  }
}

TEST(PortSet, KeepsTheOddOrTheEven) {
  for (const auto like : std::array<std::uint16_t, 6>{0, 1, 32768, 32769, 65534, 65535}) {
    PortSet ports;
    ports.insert(PortRange{0, 65535});
    ports.erase(100);
    ports.erase(101);
    ports.keep_parity_of(like);
    EXPECT_EQ(ports.size(), 32767u);
    for (std::uint32_t port = 0; port <= 65535; ++port) {
      const bool expected = port % 2 == like % 2 && port != 100 && port != 101;
      ASSERT_EQ(ports.contains(static_cast<std::uint16_t>(port)), expected) << port;
    }
  }
}

}  // namespace
}  // namespace timewait::inet
