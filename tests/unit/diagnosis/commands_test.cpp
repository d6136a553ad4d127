#include "diagnosis/commands.h"

#include <array>
#include <cstdint>

#include <gtest/gtest.h>

#include "made_host.h"

namespace timewait::diagnosis {
namespace {

TEST(Commands, PortsAreListedAsRanges) {
  inet::PortSet ports;
  EXPECT_EQ(list_of(ports), "");
  for (const int port : {1, 8080, 9000, 9001, 9002, 65'534, 65'535}) {
    ports.insert(static_cast<std::uint16_t>(port));
  }
  EXPECT_EQ(list_of(ports), "1,8080,9000-9002,65534-65535");
}

TEST(Commands, FiltersOfSs) {
  EXPECT_EQ(toward(endpoint("10.0.0.9", 443)), "dst 10.0.0.9:443");
  EXPECT_EQ(toward(endpoint("2001:db8::7", 443)), "dst [2001:db8::7]:443");
  EXPECT_EQ(on_ports(std::array<std::uint16_t, 1>{80}), "'( sport = :80 )'");
  EXPECT_EQ(on_ports(std::array<std::uint16_t, 2>{80, 443}), "'( sport = :80 or sport = :443 )'");
}

}  // namespace
}  // namespace timewait::diagnosis
