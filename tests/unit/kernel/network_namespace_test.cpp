#include "kernel/network_namespace.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "kernel/bind_probe.h"
#include "kernel/kernel_release.h"
#include "kernel/procfs_dump.h"
#include "kernel/socket_dump.h"
#include "kernel/tcp_counters.h"
#include "kernel/tcp_settings.h"
#include "loopback.h"
#include "parked_namespace.h"
#include "proc_tree.h"

namespace timewait::kernel {
namespace {

using base::UniqueFd;
using testing::HasSubstr;
using Reason = NamespaceFailure::Reason;

NamespaceIdentity here() {
  const auto identity = thread_namespace();
  EXPECT_TRUE(identity);
  return identity ? *identity : NamespaceIdentity{};
}

TEST(NetworkNamespace, OnlyTheThreadThatEntersIsMoved) {
  const OwnNamespace own;
  const ParkedNamespace parked;
  const auto other = NetworkNamespace::open(parked.path());
  ASSERT_TRUE(other) << other.error().error.message;
  EXPECT_NE(other->identity(), here());
  in_thread([&] {
    ASSERT_TRUE(other->enter());
    EXPECT_EQ(here(), other->identity());
  });
  EXPECT_NE(here(), other->identity());
}

TEST(NetworkNamespace, AThreadFindsBackToTheProcesssOwn) {
  const OwnNamespace own;
  const ParkedNamespace parked;
  const NamespaceIdentity of_main_thread = here();
  in_thread([&] {
    ASSERT_TRUE(NetworkNamespace::open(parked.path())->enter());
    const auto back = NetworkNamespace::open_own();
    ASSERT_TRUE(back);
    EXPECT_EQ(back->identity(), of_main_thread);
    ASSERT_TRUE(back->enter());
    EXPECT_EQ(here(), of_main_thread);
  });
}

TEST(NetworkNamespace, IsHeldWhileItIsOpen) {
  const OwnNamespace own;
  std::optional<ParkedNamespace> parked(std::in_place);
  const auto held = NetworkNamespace::open(parked->path());
  ASSERT_TRUE(held);
  parked.reset();
  in_thread([&] {
    ASSERT_TRUE(held->enter());
    EXPECT_EQ(here(), held->identity());
  });
}

TEST(NetworkNamespace, ToStayTakesNoCapability) {
  const OwnNamespace own;
  const ParkedNamespace parked;
  const auto other = NetworkNamespace::open(parked.path());
  ASSERT_TRUE(other);
  in_thread([&] {
    drop_capabilities();
    EXPECT_TRUE(NetworkNamespace::open_own()->enter());
    const NamespaceIdentity before = here();
    const auto entered = other->enter();
    ASSERT_FALSE(entered);
    EXPECT_EQ(entered.error().reason, Reason::kNotPermitted);
    EXPECT_THAT(entered.error().error.message, HasSubstr(parked.path()));
    EXPECT_THAT(entered.error().error.message, HasSubstr("CAP_SYS_ADMIN"));
    EXPECT_EQ(here(), before);
  });
}

TEST(NetworkNamespace, OfAnotherUsersProcessTakesACapability) {
  const OwnNamespace own;
  in_thread([] {
    drop_capabilities();
    const auto opened = NetworkNamespace::open("/proc/1/ns/net");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().reason, Reason::kNotPermitted);
    EXPECT_THAT(opened.error().error.message, HasSubstr("CAP_SYS_PTRACE"));
  });
}

class NetworkNamespacePath : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return files_.root() + "/" + name; }

  // Why there is no namespace at that path.
  static Reason refusal(const std::string& path) {
    const auto opened = NetworkNamespace::open(path);
    if (opened) {
      ADD_FAILURE() << path << " was opened";
      return Reason::kOther;
    }
    EXPECT_THAT(opened.error().error.message, HasSubstr(path));
    return opened.error().reason;
  }

  ProcTree files_;
};

TEST_F(NetworkNamespacePath, IsNotThere) {
  files_.write("stale", "");  // what `ip netns add` leaves behind when its mount is gone
  EXPECT_EQ(refusal(path("missing")), Reason::kNotThere);
  EXPECT_EQ(refusal(path("stale")), Reason::kNotThere);
  EXPECT_EQ(refusal(path("stale/below")), Reason::kNotThere);
  EXPECT_EQ(refusal("/proc/4194305/ns/net"), Reason::kNotThere);  // beyond the largest PID
}

TEST_F(NetworkNamespacePath, IsSomethingElse) {
  files_.write("text", "hello\n");
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(refusal(path("text")), Reason::kOther);
  EXPECT_EQ(refusal(path("fifo")), Reason::kOther);  // and does not wait for a writer
  EXPECT_EQ(refusal(files_.root()), Reason::kOther);
  EXPECT_EQ(refusal("/dev/null"), Reason::kOther);
  EXPECT_EQ(refusal("/proc/self/ns/mnt"), Reason::kOther);
}

TEST_F(NetworkNamespacePath, MayBeALink) {
  std::filesystem::create_symlink("/proc/self/ns/net", path("link"));
  const auto opened = NetworkNamespace::open(path("link"));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->identity(), here());
}

// --- What a poll reads --------------------------------------------------------------------------

UniqueFd bound_to(std::uint16_t port) {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  return socket;
}

UniqueFd connected_to(std::uint16_t port) {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
            0);
  return socket;
}

template <typename Dump>
std::size_t count_sockets(Dump& dump) {
  std::size_t count = 0;
  EXPECT_TRUE(
      dump.read([&](std::span<const reading::SocketRecord> some) { count += some.size(); }));
  return count;
}

constexpr std::uint16_t kListeningPort = 7001;
constexpr std::uint16_t kBoundPort = 40'500;  // ephemeral in both: of others no probe tells

// A namespace with other settings than that of the test, a listener, and a connection to it.
class Busy {
 public:
  Busy() {
    std::ofstream("/proc/sys/net/ipv4/ip_local_port_range") << "40000 40999\n";
    EXPECT_EQ(::listen(listener_.get(), 5), 0);
    client_ = connected_to(kListeningPort);
  }

 private:
  UniqueFd listener_ = bound_to(kListeningPort);
  UniqueFd bound_ = bound_to(kBoundPort);
  UniqueFd client_;
};

class WhatAPollReads : public testing::Test {
 protected:
  // In a thread that entered a busy namespace.
  void in_busy_namespace(const std::function<void()>& work) const {
    in_thread([&] {
      const auto other = NetworkNamespace::open(parked_.path());
      ASSERT_TRUE(other && other->enter());
      const Busy busy;
      work();
    });
  }

 private:
  OwnNamespace own_;
  ParkedNamespace parked_;
};

TEST_F(WhatAPollReads, SysctlsFollowTheThread) {
  TcpSettingsReader reader("/proc", KeepOpen::kNo);
  in_busy_namespace([&] {
    EXPECT_EQ(reader.read()->ephemeral_ports, (inet::PortRange{40000, 40999}));
  });
  EXPECT_EQ(reader.read()->ephemeral_ports, (inet::PortRange{32768, 60999}));
}

TEST_F(WhatAPollReads, CountersFollowTheThread) {
  TcpCountersReader reader("/proc", KeepOpen::kNo);
  in_busy_namespace([&] { EXPECT_EQ(reader.read().active_opens, 1u); });
  EXPECT_EQ(reader.read().active_opens, 0u);
}

TEST_F(WhatAPollReads, ProcfsFollowsTheThread) {
  ProcfsDump dump("/proc");
  in_busy_namespace([&] { EXPECT_EQ(count_sockets(dump), 3u); });
  EXPECT_EQ(count_sockets(dump), 0u);
}

TEST_F(WhatAPollReads, ANetlinkSocketStaysWhereItWasOpened) {
  auto opened_before = SocketDump::open();
  ASSERT_TRUE(opened_before);
  in_busy_namespace([&] {
    auto opened_inside = SocketDump::open();
    ASSERT_TRUE(opened_inside);
    EXPECT_GE(count_sockets(*opened_inside), 3u);
    EXPECT_EQ(count_sockets(*opened_before), 0u);
  });
}

TEST_F(WhatAPollReads, ProbesForPortsFollowTheThread) {
  const auto probe = is_held_by_bind(kBoundPort);
  if (!is_at_least(running_release(), 6, 3)) {
    ASSERT_FALSE(probe);
    EXPECT_TRUE(probe.error().unsupported);
    return;
  }
  ASSERT_TRUE(probe);
  EXPECT_FALSE(*probe);
  in_busy_namespace([] { EXPECT_TRUE(*is_held_by_bind(kBoundPort)); });
}

}  // namespace
}  // namespace timewait::kernel
