#include "kernel/proc_file.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "allocation_count.h"
#include "own_namespace.h"
#include "proc_tree.h"

namespace timewait::kernel {
namespace {

class ProcFileTest : public testing::TestWithParam<KeepOpen> {
 protected:
  void set(const std::string& content) const { proc_.write("file", content); }

  std::optional<std::string> read() {
    ProcBuffer buffer;
    const std::optional<std::string_view> content = file_.read(buffer);
    if (!content) return std::nullopt;
    return std::string(*content);
  }

  ProcTree proc_;
  ProcFile file_{proc_.root() + "/file", GetParam()};
};

INSTANTIATE_TEST_SUITE_P(OpenedEachTimeOrKeptOpen, ProcFileTest,
                         testing::Values(KeepOpen::kNo, KeepOpen::kYes));

TEST_P(ProcFileTest, SaysWhatTheFileSaysAtPresent) {
  set("before, and longer\n");
  EXPECT_EQ(read(), "before, and longer\n");
  set("after\n");
  EXPECT_EQ(read(), "after\n");
  set("");
  EXPECT_EQ(read(), "");
}

TEST_P(ProcFileTest, OfAnyLengthUpToAMebibyte) {
  for (const std::size_t size : {8190u, 8191u, 8192u, 100'000u, (1u << 20) - 1}) {
    const std::string content = std::string(size - 1, 'x') + "y";
    set(content);
    EXPECT_TRUE(read() == content) << size;
  }
  set(std::string(1 << 20, 'x'));
  EXPECT_EQ(read(), std::nullopt);
}

TEST_P(ProcFileTest, OneThatCannotBeReadIsTriedAgain) {
  EXPECT_EQ(read(), std::nullopt);
  std::filesystem::create_directory(proc_.root() + "/file");
  EXPECT_EQ(read(), std::nullopt);
  std::filesystem::remove(proc_.root() + "/file");
  set("there\n");
  EXPECT_EQ(read(), "there\n");
}

TEST_P(ProcFileTest, AllocatesNothingForAShortOne) {
  set(std::string(8190, 'x'));
  ProcBuffer buffer;
  const std::uint64_t before = bench::allocation_count();
  const bool could_be_read = file_.read(buffer).has_value();
  EXPECT_EQ(bench::allocation_count(), before);
  EXPECT_TRUE(could_be_read);
}

// A sysctl drops what does not fit, and gives nothing from the middle of it.
TEST_P(ProcFileTest, ASysctlThatIsLongerThanTheUsualBuffer) {
  const OwnNamespace own;
  std::string every_third = "2";
  for (int port = 5; port < 20'000; port += 3) every_third += "," + std::to_string(port);
  const std::string path = "/proc/sys/net/ipv4/ip_local_reserved_ports";
  ASSERT_TRUE(std::ofstream(path) << every_third << std::flush);
  ProcFile file(path, GetParam());
  ProcBuffer buffer;
  EXPECT_TRUE(file.read(buffer) == every_third + "\n");
  ASSERT_TRUE(std::ofstream(path) << "7" << std::flush);
  EXPECT_EQ(file.read(buffer), "7\n");
}

TEST_P(ProcFileTest, AFileOfOneRecord) {
  const OwnNamespace own;  // where nothing happens, so that the figures stay
  const std::string path = "/proc/thread-self/net/netstat";
  std::ostringstream whole;
  whole << std::ifstream(path).rdbuf();
  ProcFile file(path, GetParam());
  for (int time = 0; time < 2; ++time) {
    ProcBuffer buffer;
    EXPECT_EQ(file.read(buffer), whole.str());
  }
}

}  // namespace
}  // namespace timewait::kernel
