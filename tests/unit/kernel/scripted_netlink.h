// The kernel's end of a netlink socket, played by a test.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "kernel/netlink_calls.h"

namespace timewait::kernel {

using Bytes = std::vector<std::byte>;

template <typename T>
void append(Bytes& bytes, const T& value) {
  const auto* const begin = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), begin, begin + sizeof(value));
}

// What one recvmsg() brings.
struct NetlinkAnswer {
  int error = 0;  // an errno; 0: the datagram came
  Bytes datagram{};
  std::uint32_t sender = 0;  // the kernel
};

// What a dump asked for.
struct DumpRequest {
  nlmsghdr header{};
  std::uint8_t family = 0;  // AF_UNSPEC: both
  std::uint32_t states = 0;
};

class ScriptedNetlink : public NetlinkCalls {
 public:
  static constexpr std::uint32_t kPortId = 4242;

  ssize_t send(std::span<const std::byte> request) override {
    errno = asked(parse(request));
    return errno == 0 ? static_cast<ssize_t>(request.size()) : -1;
  }

  ssize_t receive(msghdr& message) override {
    const NetlinkAnswer come = answer();
    errno = come.error;
    if (errno != 0) return -1;
    sockaddr_nl sender{};
    sender.nl_family = AF_NETLINK;
    sender.nl_pid = come.sender;
    std::memcpy(message.msg_name, &sender, sizeof(sender));
    message.msg_namelen = sizeof(sender);
    const iovec& room = message.msg_iov[0];
    const std::size_t size = std::min(room.iov_len, come.datagram.size());
    if (size > 0) std::memcpy(room.iov_base, come.datagram.data(), size);
    message.msg_flags = size < come.datagram.size() ? MSG_TRUNC : 0;
    return static_cast<ssize_t>(size);
  }

 private:
  // A request was sent: 0, or the errno that sendto() fails with.
  virtual int asked(const DumpRequest& request) = 0;
  virtual NetlinkAnswer answer() = 0;

  // The two requests that there are differ in where they have what.
  static DumpRequest parse(std::span<const std::byte> bytes) {
    DumpRequest request;
    std::memcpy(&request.header, bytes.data(), sizeof(request.header));
    const std::byte* const body = bytes.data() + sizeof(request.header);
    if (request.header.nlmsg_type == TCPDIAG_GETSOCK) {
      inet_diag_req old;
      std::memcpy(&old, body, sizeof(old));
      request.family = old.idiag_family;
      request.states = old.idiag_states;
    } else {
      inet_diag_req_v2 by_family;
      std::memcpy(&by_family, body, sizeof(by_family));
      request.family = by_family.sdiag_family;
      request.states = by_family.idiag_states;
    }
    return request;
  }
};

// Of an answer to the request; its payload is still to be appended.
inline nlmsghdr answer_header(const DumpRequest& request, std::uint16_t type,
                              std::size_t payload_size) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof(header) + payload_size);
  header.nlmsg_type = type;
  header.nlmsg_flags = NLM_F_MULTI;
  header.nlmsg_seq = request.header.nlmsg_seq;
  header.nlmsg_pid = ScriptedNetlink::kPortId;
  return header;
}

template <typename Payload>
void append_answer(Bytes& datagram, const DumpRequest& request, std::uint16_t type,
                   const Payload& payload) {
  append(datagram, answer_header(request, type, sizeof(payload)));
  append(datagram, payload);
}

inline inet_diag_msg made_socket(std::uint8_t state, std::uint32_t cookie) {
  inet_diag_msg socket{};
  socket.idiag_family = AF_INET;
  socket.idiag_state = state;
  socket.id.idiag_cookie[0] = cookie;
  return socket;
}

}  // namespace timewait::kernel
