#include "kernel/socket_dump.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/unique_fd.h"
#include "kernel/kernel_release.h"
#include "loopback.h"
#include "own_namespace.h"

namespace timewait::kernel {
namespace {

using inet::TcpState;
using reading::SocketRecord;

// Bound to a port that the kernel picks.
base::UniqueFd bind_somewhere(std::uint16_t& port) {
  base::UniqueFd bound(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof(address);
  EXPECT_EQ(::bind(bound.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
  EXPECT_EQ(::getsockname(bound.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  port = ntohs(address.sin_port);
  return bound;
}

base::UniqueFd listen_somewhere(std::uint16_t& port) {
  base::UniqueFd listener = bind_somewhere(port);
  EXPECT_EQ(::listen(listener.get(), 5), 0);
  return listener;
}

std::vector<SocketRecord> dump(SocketDump& source) {
  std::vector<SocketRecord> sockets;
  const auto status = source.read([&](std::span<const SocketRecord> batch) {
    sockets.insert(sockets.end(), batch.begin(), batch.end());
  });
  EXPECT_TRUE(status);
  return sockets;
}

// Bound sockets show since Linux 6.8.
bool bound_sockets_show() { return is_at_least(running_release(), 6, 8); }

class MixedSockets {
 public:
  // Listening, both ends of connections, and the one that is merely bound.
  static std::size_t shown() { return 3 + 3 * 2 + (bound_sockets_show() ? 1 : 0); }

  MixedSockets() {
    for (const auto& [address, port] : {kIpv4, kIpv6, kDualStack}) {
      EXPECT_EQ(::listen(made(&::bind, address, port), 5), 0);
    }
    made(&::bind, "::1", "7004");
    made(&::connect, kIpv4.first, kIpv4.second);
    made(&::connect, kIpv6.first, kIpv6.second);
    made(&::connect, "::ffff:127.0.0.1", kDualStack.second);
  }

 private:
  using Place = std::pair<const char*, const char*>;
  static constexpr Place kIpv4{"127.0.0.1", "7001"};
  static constexpr Place kIpv6{"::1", "7002"};
  static constexpr Place kDualStack{"::", "7003"};

  // A new socket, bound or connected to that place.
  int made(int (*call)(int, const sockaddr*, socklen_t), const char* address, const char* port) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* place = nullptr;
    EXPECT_EQ(::getaddrinfo(address, port, &hints, &place), 0);
    sockets_.emplace_back(::socket(place->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(call(sockets_.back().get(), place->ai_addr, place->ai_addrlen), 0) << address;
    ::freeaddrinfo(place);
    return sockets_.back().get();
  }

  std::vector<base::UniqueFd> sockets_;
};

std::string describe(const SocketRecord& socket) {
  return std::string(inet::name_of(socket.state)) + " " + socket.local.to_string() + " " +
         socket.remote.to_string() + " " + std::to_string(socket.cookie) +
         (socket.ipv6_only ? " ipv6 only" : "");
}

TEST(SocketDump, FindsASocketThatIsThere) {
  std::uint16_t port = 0;
  const base::UniqueFd listener = listen_somewhere(port);
  auto source = SocketDump::open();
  ASSERT_TRUE(source);
  const std::vector<SocketRecord> sockets = dump(*source);
  const auto found = std::find_if(sockets.begin(), sockets.end(), [&](const SocketRecord& socket) {
    return socket.state == TcpState::kListen && socket.local.port == port;
  });
  ASSERT_NE(found, sockets.end());
  EXPECT_EQ(found->local.to_string(), "127.0.0.1:" + std::to_string(port));
  EXPECT_EQ(found->accept_queue_limit, 5u);
  EXPECT_NE(found->cookie, 0u);
}

// Sockets of both families, mapped ones, listening, connected and merely bound.
TEST(SocketDump, BothWalksBringTheSame) {
  const OwnNamespace apart;
  const MixedSockets mixed;
  std::vector<std::string> readings[2];
  for (const Walk walk : {Walk::kOnce, Walk::kByFamily}) {
    auto source = SocketDump::open(walk);
    ASSERT_TRUE(source);
    bool connection_seen = false;
    for (const SocketRecord& socket : dump(*source)) {
      const bool holds = socket.state == TcpState::kListen || socket.state == TcpState::kClose;
      EXPECT_FALSE(holds && connection_seen) << "what holds ports must come first";
      connection_seen = connection_seen || !holds;
      readings[walk == Walk::kOnce].push_back(describe(socket));
    }
  }
  EXPECT_EQ(readings[0].size(), MixedSockets::shown());
  EXPECT_THAT(readings[0], testing::UnorderedElementsAreArray(readings[1]));
}

TEST(SocketDump, CanBeReadAgainAndAgain) {
  std::uint16_t port = 0;
  const base::UniqueFd listener = listen_somewhere(port);
  auto source = SocketDump::open();
  ASSERT_TRUE(source);
  for (int i = 0; i < 3; ++i) {
    const std::vector<SocketRecord> sockets = dump(*source);
    EXPECT_EQ(std::count_if(sockets.begin(), sockets.end(),
                            [&](const SocketRecord& socket) {
                              return socket.state == TcpState::kListen && socket.local.port == port;
                            }),
              1);
  }
}

// Leaves so many sockets in TIME_WAIT, toward a listener of its own, in a network namespace of its
// own.
void leave_time_waits(int count) {
  // On loopback their ports would be taken again after a second, which a busy machine needs.
  std::ofstream("/proc/sys/net/ipv4/tcp_tw_reuse") << 0;
  std::uint16_t port = 0;
  const base::UniqueFd listener = listen_somewhere(port);
  const sockaddr_in address = loopback(port);
  for (int i = 0; i < count; ++i) {
    base::UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
    const base::UniqueFd server(::accept(listener.get(), nullptr, nullptr));
    client = base::UniqueFd();
  }
}

std::vector<std::uint16_t> bound_ports(const std::vector<SocketRecord>& sockets) {
  std::vector<std::uint16_t> ports;
  for (const SocketRecord& socket : sockets) {
    if (socket.state == TcpState::kClose) ports.push_back(socket.local.port);
  }
  return ports;
}

TEST(SocketDump, AmongManySocketsTheBoundOnesAreOfALittleEarlier) {
  using Clock = BoundSockets::Clock;
  const OwnNamespace apart;
  constexpr int kMany = 10'000;
  leave_time_waits(kMany);
  for (const Walk walk : {Walk::kOnce, Walk::kByFamily}) {
    auto source = SocketDump::open(walk);
    ASSERT_TRUE(source);
    std::uint16_t old_port = 0;
    std::uint16_t new_port = 0;
    base::UniqueFd bound = bind_somewhere(old_port);
    const Clock::time_point begin = Clock::now();
    const std::vector<std::uint16_t> first = bound_ports(dump(*source));
    if (!bound_sockets_show()) {
      EXPECT_THAT(first, testing::IsEmpty());
      continue;
    }
    EXPECT_THAT(first, testing::ElementsAre(old_port));
    const base::UniqueFd newly_bound = bind_somewhere(new_port);
    bound = base::UniqueFd();
    const std::vector<SocketRecord> sockets = dump(*source);
    if (Clock::now() < begin + kMany * BoundSockets::kValidPerSocket) {
      EXPECT_THAT(bound_ports(sockets), testing::ElementsAre(old_port));
    }
    EXPECT_GE(sockets.size(), std::size_t{kMany});
    while (Clock::now() < begin + (kMany + 10) * BoundSockets::kValidPerSocket) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_THAT(bound_ports(dump(*source)), testing::ElementsAre(new_port));
  }
}

}  // namespace
}  // namespace timewait::kernel
