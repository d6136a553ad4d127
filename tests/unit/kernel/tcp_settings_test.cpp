#include "kernel/tcp_settings.h"

#include <gtest/gtest.h>

#include "proc_tree.h"

namespace timewait::kernel {
namespace {

using std::chrono::milliseconds;

class TcpSettingsTest : public testing::Test {
 protected:
  void set(const std::string& name, const std::string& content) {
    proc_.write("sys/net/ipv4/" + name, content);
  }

  reading::TcpSettings read() {
    auto settings = reader_.read();
    EXPECT_TRUE(settings);
    return *settings;
  }

  ProcTree proc_;
  TcpSettingsReader reader_{proc_.root(), KeepOpen::kNo};
};

TEST_F(TcpSettingsTest, AllOfThem) {
  set("ip_local_port_range", "32768\t60999\n");
  set("ip_local_reserved_ports", "8080,9148-9150,65535\n");
  set("tcp_tw_reuse", "2\n");
  set("tcp_tw_reuse_delay", "1500\n");
  set("tcp_timestamps", "0\n");
  set("tcp_max_tw_buckets", "131072\n");
  const reading::TcpSettings settings = read();
  EXPECT_EQ(settings.ephemeral_ports, (inet::PortRange{32768, 60999}));
  EXPECT_EQ(settings.reserved_ports.size(), 5u);
  EXPECT_TRUE(settings.reserved_ports.contains(9149));
  EXPECT_TRUE(settings.reserved_ports.contains(65535));
  EXPECT_EQ(settings.tw_reuse, 2);
  EXPECT_EQ(settings.tw_reuse_delay, milliseconds(1500));
  EXPECT_FALSE(settings.timestamps);
  EXPECT_EQ(settings.max_tw_buckets, 131072u);
}

TEST_F(TcpSettingsTest, AnOldKernelHasOnlyTheRange) {
  set("ip_local_port_range", "1024 65535\n");
  const reading::TcpSettings settings = read();
  EXPECT_EQ(settings.reserved_ports.size(), 0u);
  EXPECT_FALSE(settings.tw_reuse.has_value());
  EXPECT_EQ(settings.tw_reuse_delay, milliseconds(1000));
  EXPECT_TRUE(settings.timestamps);
  EXPECT_FALSE(settings.max_tw_buckets.has_value());
}

// Rates are divided by it.
TEST_F(TcpSettingsTest, ADelayOfNothingIsNone) {
  set("ip_local_port_range", "32768 60999\n");
  set("tcp_tw_reuse_delay", "0\n");
  EXPECT_EQ(read().tw_reuse_delay, milliseconds(1000));
}

TEST_F(TcpSettingsTest, NothingReserved) {
  set("ip_local_port_range", "32768 60999");
  set("ip_local_reserved_ports", "\n");
  EXPECT_EQ(read().reserved_ports.size(), 0u);
}

TEST_F(TcpSettingsTest, TheLongestListOfReservedPorts) {
  set("ip_local_port_range", "32768 60999");
  std::string list = "1";
  for (int port = 3; port < 65536; port += 2) list += "," + std::to_string(port);
  set("ip_local_reserved_ports", list + "\n");
  EXPECT_EQ(read().reserved_ports.size(), 32768u);
}

TEST_F(TcpSettingsTest, WithoutARangeThereIsNoRightFigure) {
  for (const char* content : {"", "\n", "x y", "5", "60999 32768", "1 70000", "-1 5"}) {
    set("ip_local_port_range", content);
    const auto settings = reader_.read();
    ASSERT_FALSE(settings) << content;
    EXPECT_EQ(settings.error().reason, reading::FailureReason::kSettings);
    EXPECT_NE(settings.error().message.find("ip_local_port_range"), std::string::npos);
  }
}

TEST(TcpSettingsOfThisKernel, CanBeRead) {
  const auto settings = TcpSettingsReader("/proc", KeepOpen::kNo).read();
  ASSERT_TRUE(settings);
  EXPECT_TRUE(settings->tw_reuse.has_value());
}

}  // namespace
}  // namespace timewait::kernel
