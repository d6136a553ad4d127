#include "kernel/kernel_source.h"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/unique_fd.h"
#include "kernel/network_namespace.h"
#include "parked_namespace.h"

namespace timewait::kernel {
namespace {

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

// Of the calling thread's network namespace.
void set_port_range(const char* range) {
  ASSERT_TRUE(std::ofstream("/proc/sys/net/ipv4/ip_local_port_range") << range << std::flush);
}

// Nobody listens there: it counts as a connection that was opened, and as one that failed.
void try_to_connect() {
  const base::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in nobody{};
  nobody.sin_family = AF_INET;
  nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  nobody.sin_port = htons(7001);
  EXPECT_NE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&nobody), sizeof(nobody)), 0);
}

// What is kept open must neither grow old nor end with the thread that opened it.
TEST(KernelSourceOfTheOwnNamespace, SaysWhatHoldsAtPresentWhicheverThreadAsks) {
  const OwnNamespace own;
  std::unique_ptr<KernelSource> source;
  in_thread([&] {
    source = std::make_unique<KernelSource>();
    EXPECT_EQ(source->read_settings()->ephemeral_ports, (inet::PortRange{32768, 60999}));
    EXPECT_EQ(source->read_counters().active_opens, 0u);
  });
  set_port_range("40000 40999");
  try_to_connect();
  EXPECT_EQ(source->read_settings()->ephemeral_ports, (inet::PortRange{40000, 40999}));
  EXPECT_EQ(source->read_counters().active_opens, 1u);
  EXPECT_EQ(source->read_counters().attempt_fails, 1u);
}

TEST(KernelSourceOfTheOwnNamespace, OpensItsFilesOnce) {
  const OwnNamespace own;
  KernelSource source;
  const std::ptrdiff_t before = open_descriptors();
  ASSERT_TRUE(source.read_settings());
  source.read_counters();
  const std::ptrdiff_t kept = open_descriptors() - before;
  EXPECT_GE(kept, 3 + 5);  // of /proc/net; sysctls that every kernel has
  ASSERT_TRUE(source.read_settings());
  source.read_counters();
  EXPECT_EQ(open_descriptors() - before, kept);
}

// There may be hundreds of them, and an open file of /proc/net would hold the namespace.
TEST(KernelSourceOfAnotherNamespace, KeepsNoFileOpen) {
  const OwnNamespace own;
  const ParkedNamespace parked;
  in_thread([&] {
    ASSERT_TRUE(NetworkNamespace::open(parked.path())->enter());
    set_port_range("40000 40999");
    try_to_connect();
    KernelSource source;
    const std::ptrdiff_t before = open_descriptors();
    EXPECT_EQ(source.read_settings()->ephemeral_ports, (inet::PortRange{40000, 40999}));
    EXPECT_EQ(source.read_counters().active_opens, 1u);
    EXPECT_EQ(open_descriptors(), before);
  });
}

}  // namespace
}  // namespace timewait::kernel
