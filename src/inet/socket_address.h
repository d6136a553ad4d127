// Endpoints as the system calls of sockets take them. Values only; thread-safe.
#pragma once

#include <sys/socket.h>

#include "inet/endpoint.h"

namespace timewait::inet {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* pointer() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

// AF_INET for IPv4 addresses, else AF_INET6.
SocketAddress to_socket_address(const Endpoint& endpoint);

// Of an AF_INET or AF_INET6 address.
Endpoint to_endpoint(const SocketAddress& address);

}  // namespace timewait::inet
