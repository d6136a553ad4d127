#include "kernel/socket_dump.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "base/unique_fd.h"

namespace timewait::kernel {
namespace {

using inet::TcpState;
using reading::SocketRecord;

base::UniqueFd listen_on_loopback(std::uint16_t& port) {
  base::UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  EXPECT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
  EXPECT_EQ(::listen(listener.get(), 5), 0);
  EXPECT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  port = ntohs(address.sin_port);
  return listener;
}

std::vector<SocketRecord> dump(SocketDump& source) {
  std::vector<SocketRecord> sockets;
  const auto status = source.read([&](const reading::SocketBatch& batch) {
    sockets.insert(sockets.end(), batch.sockets.begin(), batch.sockets.end());
  });
  EXPECT_TRUE(status);
  return sockets;
}

TEST(SocketDump, FindsASocketThatIsThere) {
  std::uint16_t port = 0;
  const base::UniqueFd listener = listen_on_loopback(port);
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

TEST(SocketDump, CanBeReadAgainAndAgain) {
  std::uint16_t port = 0;
  const base::UniqueFd listener = listen_on_loopback(port);
  auto source = SocketDump::open();
  ASSERT_TRUE(source);
  for (int i = 0; i < 3; ++i) {
    const std::vector<SocketRecord> sockets = dump(*source);
    EXPECT_EQ(std::count_if(sockets.begin(), sockets.end(),
                            [&](const SocketRecord& socket) {
                              return socket.state == TcpState::kListen &&
                                     socket.local.port == port;
                            }),
              1);
  }
}

}  // namespace
}  // namespace timewait::kernel
