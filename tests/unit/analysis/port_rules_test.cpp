#include "analysis/port_rules.h"

#include <gtest/gtest.h>

#include "made_sockets.h"

namespace timewait::analysis {
namespace {

using std::chrono::milliseconds;

reading::TcpSettings with_reuse(std::optional<int> mode) {
  reading::TcpSettings settings;
  settings.tw_reuse = mode;
  return settings;
}

bool is_reusable(const reading::SocketRecord& socket, const reading::TcpSettings& settings) {
  const bool allowed = may_reuse(socket.local.address, socket.remote.address, settings);
  return analysis::is_reusable(socket, allowed, settings);
}

bool reusable(std::string_view local, std::string_view remote, std::optional<int> mode,
              milliseconds age = milliseconds(5000), std::uint32_t interface = 0) {
  reading::SocketRecord socket = time_wait_aged(age, endpoint(local, 40000), endpoint(remote, 80));
  socket.interface = interface;
  return is_reusable(socket, with_reuse(mode));
}

TEST(IsReusable, TheModeDecides) {
  EXPECT_FALSE(reusable("10.0.0.1", "10.0.0.2", 0));
  EXPECT_TRUE(reusable("10.0.0.1", "10.0.0.2", 1));
  EXPECT_FALSE(reusable("10.0.0.1", "10.0.0.2", 2));
  EXPECT_FALSE(reusable("10.0.0.1", "10.0.0.2", std::nullopt));
  EXPECT_FALSE(reusable("10.0.0.1", "10.0.0.2", 3));
}

TEST(IsReusable, Mode2WantsALoopbackEnd) {
  EXPECT_TRUE(reusable("127.0.0.1", "127.0.0.1", 2));
  EXPECT_TRUE(reusable("10.0.0.1", "127.0.0.9", 2));
  EXPECT_TRUE(reusable("127.0.0.9", "10.0.0.1", 2));
  EXPECT_TRUE(reusable("::1", "::1", 2));
  EXPECT_TRUE(reusable("::ffff:127.0.0.1", "::ffff:127.0.0.1", 2));
  EXPECT_FALSE(reusable("2001:db8::1", "2001:db8::1", 2));
  EXPECT_TRUE(reusable("10.0.0.1", "10.0.0.1", 2, milliseconds(5000), /*interface=*/1));
  EXPECT_FALSE(reusable("10.0.0.1", "10.0.0.1", 2, milliseconds(5000), /*interface=*/2));
}

TEST(IsReusable, OlderThanTheDelay) {
  EXPECT_FALSE(reusable("127.0.0.1", "127.0.0.1", 1, milliseconds(999)));
  EXPECT_FALSE(reusable("127.0.0.1", "127.0.0.1", 1, milliseconds(1000)));
  EXPECT_TRUE(reusable("127.0.0.1", "127.0.0.1", 1, milliseconds(1001)));
  EXPECT_TRUE(reusable("127.0.0.1", "127.0.0.1", 1, milliseconds(60'000)));
}

TEST(IsReusable, NeedsTimestamps) {
  const auto socket =
      time_wait_aged(milliseconds(5000), endpoint("127.0.0.1", 40000), endpoint("127.0.0.1", 80));
  reading::TcpSettings settings = with_reuse(1);
  EXPECT_TRUE(is_reusable(socket, settings));
  settings.timestamps = false;
  EXPECT_FALSE(is_reusable(socket, settings));
}

TEST(IsReusable, OnlyTimeWait) {
  for (const inet::TcpState state : inet::kConnectionStates) {
    reading::SocketRecord socket =
        socket_in(state, endpoint("127.0.0.1", 40000), endpoint("127.0.0.1", 80));
    EXPECT_EQ(is_reusable(socket, with_reuse(1)), state == inet::TcpState::kTimeWait);
  }
}

TEST(UsablePorts, RangeWithoutReservedAndHeld) {
  reading::TcpSettings settings;
  settings.ephemeral_ports = {40000, 40009};
  settings.reserved_ports.insert(inet::PortRange{39000, 40001});
  inet::PortSet held;
  held.insert(40001);  // also reserved
  held.insert(40005);
  held.insert(50000);  // outside the range
  const UsablePorts usable(settings, held);
  EXPECT_EQ(usable.capacity().ports, 7u);
  EXPECT_EQ(usable.capacity().first_half, 4u);  // 40002, 4, 6, 8
  EXPECT_FALSE(usable.contains(40001));
  EXPECT_FALSE(usable.contains(40005));
  EXPECT_TRUE(usable.contains(40009));
  EXPECT_FALSE(usable.contains(40010));
}

TEST(UsablePorts, TheParityOfTheLowEndIsTriedFirst) {
  reading::TcpSettings settings;
  settings.ephemeral_ports = {40001, 40005};
  const UsablePorts usable(settings, {});
  EXPECT_TRUE(usable.tried_first(40003));
  EXPECT_FALSE(usable.tried_first(40004));
  EXPECT_EQ(usable.capacity().ports, 5u);
  EXPECT_EQ(usable.capacity().first_half, 3u);
}

TEST(UsablePorts, TheHighestPortIsNoSpecialCase) {
  reading::TcpSettings settings;
  settings.ephemeral_ports = {65534, 65535};
  EXPECT_EQ(UsablePorts(settings, {}).capacity().first_half, 1u);
}

}  // namespace
}  // namespace timewait::analysis
