#include "kernel/process_stats.h"

#include <ctime>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "proc_tree.h"

namespace timewait::kernel {
namespace {

TEST(ProcessStats, OfThisProcess) {
  const reading::ProcessStats stats = read_process_stats("/proc");
  const auto now = static_cast<double>(std::time(nullptr));
  EXPECT_GT(stats.resident_memory_bytes, 100'000u);
  EXPECT_GT(stats.virtual_memory_bytes, stats.resident_memory_bytes);
  EXPECT_GE(stats.cpu_seconds, 0);
  EXPECT_LE(stats.start_time_seconds, now + 2);
  EXPECT_GT(stats.start_time_seconds, now - 3600);
}

TEST(ProcessStats, CountsOpenDescriptors) {
  const std::uint64_t before = read_process_stats("/proc").open_fds;
  const base::UniqueFd one_more(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(read_process_stats("/proc").open_fds, before + 1);
}

TEST(ProcessStats, AProgramNameMayHoldAnything) {
  const ProcTree proc;
  proc.write("self/stat",
             "1 (a) b (c 9) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 200 4096000 250 0\n");
  proc.write("stat", "cpu 1 2 3\nbtime 1700000000\n");
  const reading::ProcessStats stats = read_process_stats(proc.root());
  EXPECT_EQ(stats.virtual_memory_bytes, 4096000u);
  EXPECT_EQ(stats.resident_memory_bytes, 250u * 4096);
  EXPECT_DOUBLE_EQ(stats.start_time_seconds, 1700000002);
}

TEST(ProcessStats, WhatIsNoNumberIsZero) {
  const ProcTree proc;
  proc.write("self/stat", "1 (a) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 -1 inf 0x10 0\n");
  for (const char* const boot_time : {"nan", "inf", "-1", ""}) {
    proc.write("stat", std::string("btime ") + boot_time + "\n");
    const reading::ProcessStats stats = read_process_stats(proc.root());
    EXPECT_EQ(stats.start_time_seconds, 0) << boot_time;
    EXPECT_EQ(stats.virtual_memory_bytes, 0u);
    EXPECT_EQ(stats.resident_memory_bytes, 0u);
  }
}

TEST(ProcessStats, NothingToReadIsZero) {
  const ProcTree proc;
  const reading::ProcessStats stats = read_process_stats(proc.root());
  EXPECT_EQ(stats.resident_memory_bytes, 0u);
  EXPECT_EQ(stats.open_fds, 0u);
}

}  // namespace
}  // namespace timewait::kernel
