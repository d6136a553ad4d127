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

}  // namespace
}  // namespace timewait::inet
