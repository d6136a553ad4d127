#include "raw_dump.h"

#include <cstdint>
#include <cstring>
#include <span>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "kernel/netlink_socket.h"
#include "loopback_connections.h"
#include "own_namespace.h"
#include "sock_diag_request.h"

namespace timewait::bench {
namespace {

using reading::SocketRecord;
using Bytes = std::vector<std::byte>;

// SKB_WITH_OVERHEAD(32768) on x86-64: what the kernel fills of a datagram (`netlink_dump`).
constexpr std::size_t kFilledBytes = 32'448;

template <typename Struct>
void append(Bytes& bytes, const Struct& part) {
  const auto raw = std::as_bytes(std::span(&part, 1));
  bytes.insert(bytes.end(), raw.begin(), raw.end());
}

template <typename Payload>
void append_attribute(Bytes& message, std::uint16_t type, const Payload& payload) {
  append(message, nlattr{sizeof(nlattr) + sizeof(Payload), type});
  append(message, payload);
  message.resize(NLA_ALIGN(message.size()));
}

// Those that come unasked (`inet_diag_msg_attrs_fill`).
void append_listener_attributes(Bytes& message, const SocketRecord& listener) {
  append_attribute(message, INET_DIAG_SHUTDOWN, std::uint8_t{0});
  if (!listener.local.address.is_ipv4()) {
    append_attribute(message, INET_DIAG_SKV6ONLY, std::uint8_t{listener.ipv6_only});
  }
  append_attribute(message, INET_DIAG_MARK, std::uint32_t{0});
  append_attribute(message, INET_DIAG_CGROUP_ID, std::uint64_t{1});
  append_attribute(message, INET_DIAG_SOCKOPT, inet_diag_sockopt{});
}

void write_address(__be32 (&words)[4], const inet::Address& address) {
  const std::size_t skipped = address.is_ipv4() ? 12 : 0;
  std::memcpy(words, address.bytes().data() + skipped, sizeof(words) - skipped);
}

inet_diag_msg body_of(const SocketRecord& socket) {
  inet_diag_msg body{};
  body.idiag_family = socket.local.address.is_ipv4() ? AF_INET : AF_INET6;
  body.idiag_state = static_cast<std::uint8_t>(socket.state);
  write_address(body.id.idiag_src, socket.local.address);
  write_address(body.id.idiag_dst, socket.remote.address);
  body.id.idiag_sport = htons(socket.local.port);
  body.id.idiag_dport = htons(socket.remote.port);
  body.id.idiag_cookie[0] = static_cast<__u32>(socket.cookie);
  body.id.idiag_cookie[1] = static_cast<__u32>(socket.cookie >> 32);
  body.idiag_expires = static_cast<__u32>(socket.time_wait_left.count());
  return body;
}

Bytes message_of(const SocketRecord& socket, const kernel::DumpIdentity& identity) {
  Bytes message;
  append(message,
         nlmsghdr{0, identity.message_type, NLM_F_MULTI, identity.sequence, identity.port_id});
  append(message, body_of(socket));
  if (socket.state == inet::TcpState::kListen) append_listener_attributes(message, socket);
  const auto length = static_cast<std::uint32_t>(message.size());
  std::memcpy(message.data(), &length, sizeof(length));  // the header's first field
  return message;
}

bool is_done(std::span<const std::byte> datagram) {
  nlmsghdr header;
  std::memcpy(&header, datagram.data(), sizeof(header));
  return header.nlmsg_type == NLMSG_DONE;
}

}  // namespace

RawDump made_raw(const Dump& dump) {
  RawDump raw{{1, 1, TCPDIAG_GETSOCK}, {}};
  for (const SocketRecord& socket : dump) {
    const Bytes message = message_of(socket, raw.identity);
    if (raw.datagrams.empty() || raw.datagrams.back().size() + message.size() > kFilledBytes) {
      raw.datagrams.emplace_back().reserve(kFilledBytes);
    }
    Bytes& datagram = raw.datagrams.back();
    datagram.insert(datagram.end(), message.begin(), message.end());
  }
  return raw;
}

RawDump recorded_raw(std::uint32_t sockets, std::uint32_t pools) {
  enter_namespace_of_time_waits(sockets, pools);
  auto socket = kernel::NetlinkSocket::open();
  require(socket.ok(), "netlink socket");
  const auto request = one_walk_request(~0u);
  require(socket->send(std::as_bytes(std::span(&request, 1))).ok(), "send");
  RawDump raw{{0, socket->port_id(), TCPDIAG_GETSOCK}, {}};
  Bytes buffer(kMaxDatagramBytes);
  for (;;) {
    const auto datagram = socket->receive(buffer);
    require(datagram.ok(), "receive");
    // It comes in a datagram of its own.
    if (is_done(*datagram)) return raw;
    raw.datagrams.emplace_back(datagram->begin(), datagram->end());
  }
}

}  // namespace timewait::bench
