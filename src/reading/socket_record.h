// One TCP socket as a dump reports it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "inet/endpoint.h"
#include "inet/tcp_state.h"

namespace timewait::reading {

struct SocketRecord {
  SocketRecord();

  inet::Endpoint local;
  inet::Endpoint remote;  // [::]:0 or 0.0.0.0:0 for kListen and kClose
  inet::TcpState state = inet::TcpState::kClose;
  // Identifies the socket for as long as it lives (`sock_gen_cookie`); never 0. Where the source
  // has none it is made from the 4-tuple, and the next socket there has the same.
  std::uint64_t cookie = 0;
  // kListen: IPV6_V6ONLY is set, so that a wildcard takes no IPv4 connections.
  bool ipv6_only = false;
  // The device the socket is bound to (`sk_bound_dev_if`); 0 for none.
  std::uint32_t interface = 0;
  // kTimeWait: until the kernel forgets the socket; counts down from 60 s. It stays at 0 for the up
  // to 4 s that the timer wheel may be late (`inet_twsk_diag_fill`).
  std::chrono::milliseconds time_wait_left{0};
  // kListen: connections that wait for accept(), and how many may (`sk_ack_backlog` and its
  // maximum). The limit is absent where the source does not tell it.
  std::uint32_t accept_queue = 0;
  std::optional<std::uint32_t> accept_queue_limit;
};

// Not defaulted inside the class: then a vector that grows by one would fill the record with zeros
// first, which costs as much as decoding it.
inline SocketRecord::SocketRecord() = default;

// How long the kernel keeps a TIME_WAIT socket (TCP_TIMEWAIT_LEN, include/net/tcp.h).
inline constexpr std::chrono::milliseconds kTimeWaitLength{60'000};

// Takes a dump, a datagram's sockets at a time; the span is only valid during the call. Sockets of
// kListen and kClose come before all others.
using SocketSink = std::function<void(std::span<const SocketRecord>)>;

}  // namespace timewait::reading
