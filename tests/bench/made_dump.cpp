#include "made_dump.h"

#include <algorithm>
#include <random>
#include <span>

#include "kernel/socket_dump.h"
#include "loopback_connections.h"
#include "own_namespace.h"

namespace timewait::bench {
namespace {

using reading::SocketRecord;

const inet::Address kHere = inet::Address::from_ipv4({10, 0, 0, 1});

inet::Address remote_address(std::uint32_t number) {
  return inet::Address::from_ipv4({11, static_cast<std::uint8_t>(number >> 16),
                                   static_cast<std::uint8_t>(number >> 8),
                                   static_cast<std::uint8_t>(number)});
}

inet::Address address_of(Bound bound) {
  switch (bound) {
    case Bound::kAnyIpv6:
      return inet::kAnyIpv6;
    case Bound::kAnyIpv4:
      return inet::kAnyIpv4;
    case Bound::kAddress:
      break;
  }
  return kHere;
}

SocketRecord time_wait(std::uint32_t place) {
  SocketRecord socket;
  socket.state = inet::TcpState::kTimeWait;
  socket.cookie = 1 + place;
  socket.time_wait_left = std::chrono::milliseconds(place * 7919 % 60'000);
  return socket;
}

// As the kernel's hash table strews them. Whoever follows is to have no order to guess from.
void strew(std::span<SocketRecord> sockets) {
  std::shuffle(sockets.begin(), sockets.end(), std::mt19937(1));
}

inet::Address ipv6_of(const inet::Address& address) {
  if (address.is_unspecified()) return inet::kAnyIpv6;
  inet::Address::Bytes bytes = address.bytes();
  bytes[0] = 0xfd;  // fd00::/8, RFC 4193
  return inet::Address::from_ipv6(bytes);
}

}  // namespace

Dump made_outbound(std::uint32_t sockets, std::uint32_t pools) {
  Dump dump;
  dump.reserve(sockets);
  for (std::uint32_t i = 0; i < sockets; ++i) {
    SocketRecord& socket = dump.emplace_back(time_wait(i));
    socket.local = {kHere, static_cast<std::uint16_t>(32768 + i / pools % 28'232)};
    socket.remote = {remote_address(i % pools), 80};
  }
  strew(dump);
  return dump;
}

Dump made_inbound(std::uint32_t sockets, std::uint32_t listeners, Bound bound) {
  const auto port_of = [listeners](std::uint32_t number) {
    return static_cast<std::uint16_t>(443 + number % listeners);
  };
  Dump dump;
  dump.reserve(listeners + sockets);
  for (std::uint32_t i = 0; i < listeners; ++i) {
    SocketRecord& listener = dump.emplace_back();
    listener.state = inet::TcpState::kListen;
    listener.local = {address_of(bound), port_of(i)};
    listener.cookie = 1 + i;
    listener.accept_queue_limit = 128;
  }
  for (std::uint32_t i = 0; i < sockets; ++i) {
    SocketRecord& socket = dump.emplace_back(time_wait(i));
    socket.local = {kHere, port_of(i)};
    socket.remote = {remote_address(i), static_cast<std::uint16_t>(1024 + i % 60'000)};
  }
  strew(std::span(dump).subspan(listeners));
  return dump;
}

Dump in_ipv6(Dump dump) {
  for (SocketRecord& socket : dump) {
    socket.local.address = ipv6_of(socket.local.address);
    socket.remote.address = ipv6_of(socket.remote.address);
  }
  return dump;
}

Dump recorded_outbound(std::uint32_t sockets, std::uint32_t pools) {
  enter_namespace_of_time_waits(sockets, pools);
  auto source = kernel::SocketDump::open();
  require(source.ok(), "open a dump");
  Dump dump;
  const auto read = source->read([&dump](std::span<const SocketRecord> part) {
    dump.insert(dump.end(), part.begin(), part.end());
  });
  require(read.ok(), "read a dump");
  return dump;
}

}  // namespace timewait::bench
