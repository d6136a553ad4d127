#include "inet/socket_address.h"

#include <array>
#include <cstdint>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace timewait::inet {

SocketAddress to_socket_address(const Endpoint& endpoint) {
  SocketAddress result;
  const Address::Bytes bytes = endpoint.address.bytes();
  if (endpoint.address.is_ipv4()) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(endpoint.port);
    std::memcpy(&ipv4.sin_addr, bytes.data() + 12, sizeof(ipv4.sin_addr));
    std::memcpy(&result.storage, &ipv4, sizeof(ipv4));
    result.size = sizeof(ipv4);
  } else {
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(endpoint.port);
    std::memcpy(&ipv6.sin6_addr, bytes.data(), sizeof(ipv6.sin6_addr));
    std::memcpy(&result.storage, &ipv6, sizeof(ipv6));
    result.size = sizeof(ipv6);
  }
  return result;
}

Endpoint to_endpoint(const SocketAddress& address) {
  if (address.family() == AF_INET) {
    sockaddr_in ipv4;
    std::memcpy(&ipv4, &address.storage, sizeof(ipv4));
    std::array<std::uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &ipv4.sin_addr, bytes.size());
    return {Address::from_ipv4(bytes), ntohs(ipv4.sin_port)};
  }
  sockaddr_in6 ipv6;
  std::memcpy(&ipv6, &address.storage, sizeof(ipv6));
  Address::Bytes bytes;
  std::memcpy(bytes.data(), &ipv6.sin6_addr, bytes.size());
  return {Address::from_ipv6(bytes), ntohs(ipv6.sin6_port)};
}

}  // namespace timewait::inet
