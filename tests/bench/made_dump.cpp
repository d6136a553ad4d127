#include "made_dump.h"

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

SocketRecord time_wait(std::uint32_t place) {
  SocketRecord socket;
  socket.state = inet::TcpState::kTimeWait;
  socket.time_wait_left = std::chrono::milliseconds(place * 7919 % 60'000);
  return socket;
}

}  // namespace

// Pools take turns, since the kernel's hash table strews their sockets.
Dump made_outbound(std::uint32_t sockets, std::uint32_t pools) {
  Dump dump;
  dump.reserve(sockets);
  for (std::uint32_t i = 0; i < sockets; ++i) {
    SocketRecord& socket = dump.emplace_back(time_wait(i));
    socket.local = {kHere, static_cast<std::uint16_t>(32768 + i / pools % 28'232)};
    socket.remote = {remote_address(i % pools), 80};
  }
  return dump;
}

Dump made_inbound(std::uint32_t sockets) {
  constexpr std::uint16_t kPort = 443;
  Dump dump;
  dump.reserve(sockets + 1);
  SocketRecord& listener = dump.emplace_back();
  listener.state = inet::TcpState::kListen;
  listener.local = {inet::kAnyIpv6, kPort};
  listener.cookie = 1;
  for (std::uint32_t i = 0; i < sockets; ++i) {
    SocketRecord& socket = dump.emplace_back(time_wait(i));
    socket.local = {kHere, kPort};
    socket.remote = {remote_address(i), static_cast<std::uint16_t>(1024 + i % 60'000)};
  }
  return dump;
}

Dump recorded_outbound(std::uint32_t sockets, std::uint32_t pools) {
  enter_fresh_namespace();
  keep_every_time_wait();
  {
    const base::UniqueFd listener = listen_everywhere();
    for (std::uint32_t i = 0; i < sockets; ++i) leave_time_wait(listener, 1 + i % pools);
  }
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
