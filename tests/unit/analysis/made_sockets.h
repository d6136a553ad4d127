// Socket records as a dump would bring them.
#pragma once

#include <chrono>
#include <string_view>

#include "inet/address.h"
#include "reading/socket_record.h"

namespace timewait::analysis {

inline inet::Endpoint endpoint(std::string_view address, int port) {
  return {inet::Address::parse(address).value(), static_cast<std::uint16_t>(port)};
}

inline reading::SocketRecord socket_in(inet::TcpState state, const inet::Endpoint& local,
                                       const inet::Endpoint& remote = {}) {
  reading::SocketRecord socket;
  socket.local = local;
  socket.remote = remote;
  socket.state = state;
  return socket;
}

inline reading::SocketRecord listener_on(std::string_view address, int port) {
  return socket_in(inet::TcpState::kListen, endpoint(address, port));
}

inline reading::SocketRecord time_wait_aged(std::chrono::milliseconds age,
                                            const inet::Endpoint& local,
                                            const inet::Endpoint& remote) {
  reading::SocketRecord socket = socket_in(inet::TcpState::kTimeWait, local, remote);
  socket.time_wait_left = reading::kTimeWaitLength - age;
  return socket;
}

}  // namespace timewait::analysis
