#include "loopback_connections.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "own_namespace.h"

namespace timewait::bench {
namespace {

using base::UniqueFd;

constexpr std::uint16_t kPort = 80;

sockaddr_in loopback_address(std::uint32_t host) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(127u << 24 | host);
  address.sin_port = htons(kPort);
  return address;
}

const sockaddr* as_sockaddr(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

UniqueFd listen_on(const sockaddr_in& address) {
  UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  require(::bind(listener.get(), as_sockaddr(address), sizeof(address)) == 0, "bind");
  require(::listen(listener.get(), 128) == 0, "listen");
  return listener;
}

}  // namespace

UniqueFd listen_everywhere() {
  sockaddr_in address = loopback_address(0);
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  return listen_on(address);
}

UniqueFd listen_at(std::uint32_t host) { return listen_on(loopback_address(host)); }

UniqueFd connect_to(std::uint32_t host) {
  const sockaddr_in address = loopback_address(host);
  UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  require(::connect(client.get(), as_sockaddr(address), sizeof(address)) == 0, "connect");
  return client;
}

void leave_time_wait(const UniqueFd& listener, std::uint32_t host) {
  UniqueFd client = connect_to(host);
  const UniqueFd server(::accept(listener.get(), nullptr, nullptr));
  require(server.valid(), "accept");
  client = UniqueFd();
}

void enter_namespace_of_time_waits(std::uint32_t sockets, std::uint32_t destinations) {
  enter_fresh_namespace();
  keep_every_time_wait();
  const UniqueFd listener = listen_everywhere();
  for (std::uint32_t i = 0; i < sockets; ++i) leave_time_wait(listener, 1 + i % destinations);
}

}  // namespace timewait::bench
