#include "kernel/inet_diag_decoder.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <arpa/inet.h>
#include <endian.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "base/byte_reader.h"
#include "inet/address.h"
#include "inet/endpoint.h"
#include "inet/tcp_state.h"
#include "kernel/tcp_state_code.h"

namespace timewait::kernel {
namespace {

using base::ByteReader;
using inet::TcpState;
using reading::FailureReason;
using reading::SocketRecord;

DumpFailure malformed(const char* what) {
  return {{FailureReason::kMalformed, std::string("malformed dump: ") + what}};
}

DumpFailure kernel_error(int negative_errno) {
  constexpr int kMaxErrno = 4095;  // MAX_ERRNO, include/linux/err.h
  if (negative_errno < -kMaxErrno) return malformed("a status that is no errno");
  const int kernel_errno = -negative_errno;
  return {{FailureReason::kKernelError,
           base::system_error("the kernel refused or broke off a dump", kernel_errno).message},
          kernel_errno};
}

// One socket's message, read field by field.
class SocketMessage {
 public:
  explicit SocketMessage(base::StructView<inet_diag_msg> fields) : fields_(fields) {}

  std::uint8_t family() const {
    return fields_.field<std::uint8_t, offsetof(inet_diag_msg, idiag_family)>();
  }
  std::uint8_t state() const {
    return fields_.field<std::uint8_t, offsetof(inet_diag_msg, idiag_state)>();
  }
  inet::Endpoint local() const {
    return endpoint<offsetof(inet_diag_msg, id.idiag_src),
                    offsetof(inet_diag_msg, id.idiag_sport)>();
  }
  inet::Endpoint remote() const {
    return endpoint<offsetof(inet_diag_msg, id.idiag_dst),
                    offsetof(inet_diag_msg, id.idiag_dport)>();
  }
  std::uint32_t interface() const { return number<offsetof(inet_diag_msg, id.idiag_if)>(); }
  std::uint64_t cookie() const {  // `sock_diag_save_cookie`
    constexpr std::size_t kLow = offsetof(inet_diag_msg, id.idiag_cookie);
    return std::uint64_t{number<kLow + sizeof(__u32)>()} << 32 | number<kLow>();
  }
  std::chrono::milliseconds expires() const {
    return std::chrono::milliseconds(number<offsetof(inet_diag_msg, idiag_expires)>());
  }
  std::uint32_t receive_queue() const { return number<offsetof(inet_diag_msg, idiag_rqueue)>(); }
  std::uint32_t send_queue() const { return number<offsetof(inet_diag_msg, idiag_wqueue)>(); }

  // What every socket has. A conversion, so that emplace_back() makes the record where it stays.
  explicit operator SocketRecord() const {
    SocketRecord socket;
    socket.local = local();
    socket.remote = remote();
    socket.interface = interface();
    socket.cookie = cookie();
    return socket;
  }

 private:
  template <std::size_t kOffset>
  std::uint32_t number() const {
    return fields_.field<std::uint32_t, kOffset>();
  }

  template <std::size_t kAddress, std::size_t kPort>
  inet::Endpoint endpoint() const {
    const auto port = fields_.field<std::uint16_t, kPort>();
    return {address<kAddress>(), ntohs(port)};
  }

  // IPv4 uses the first four of the sixteen bytes (`inet_diag_msg_common_fill`).
  template <std::size_t kOffset>
  inet::Address address() const {
    if (family() == AF_INET) return inet::Address::from_ipv4(be32toh(number<kOffset>()));
    constexpr std::size_t kHalf = sizeof(std::uint64_t);
    const auto high = fields_.field<std::uint64_t, kOffset>();
    const auto low = fields_.field<std::uint64_t, kOffset + kHalf>();
    return inet::Address::from_ipv6(be64toh(high), be64toh(low));
  }

  base::StructView<inet_diag_msg> fields_;
};

// Reads IPV6_V6ONLY from the attributes behind an inet_diag_msg; nothing if they are broken.
std::optional<bool> decode_ipv6_only(ByteReader attributes) {
  bool ipv6_only = false;
  while (attributes.remaining() >= sizeof(nlattr)) {
    const nlattr header = *attributes.read<nlattr>();
    if (header.nla_len < sizeof(nlattr)) return std::nullopt;
    std::optional<ByteReader> payload = attributes.take(header.nla_len - sizeof(nlattr));
    if (!payload) return std::nullopt;
    attributes.skip_up_to(NLA_ALIGN(header.nla_len) - header.nla_len);
    if ((header.nla_type & NLA_TYPE_MASK) == INET_DIAG_SKV6ONLY) {
      const std::optional<std::uint8_t> value = payload->read<std::uint8_t>();
      if (!value) return std::nullopt;
      ipv6_only = *value != 0;
    }
  }
  return ipv6_only;
}

// False if the message contradicts itself.
bool decode_socket(ByteReader payload, std::vector<SocketRecord>& sockets) {
  if (payload.remaining() < sizeof(inet_diag_msg)) return false;
  const SocketMessage message(payload.view<inet_diag_msg>());
  const std::optional<TcpState> state = decode_state(message.state());
  if (!state || (message.family() != AF_INET && message.family() != AF_INET6)) return true;

  SocketRecord& socket = sockets.emplace_back(message);
  socket.state = *state;
  if (*state == TcpState::kTimeWait) {
    socket.time_wait_left = std::min(message.expires(), reading::kTimeWaitLength);
  } else if (*state == TcpState::kListen) {
    const std::optional<bool> ipv6_only = decode_ipv6_only(payload);
    if (!ipv6_only) return false;
    socket.ipv6_only = *ipv6_only;
    socket.accept_queue = message.receive_queue();
    socket.accept_queue_limit = message.send_queue();
  }
  return true;
}

// NLMSG_DONE carries the status of the dump as an int (`netlink_dump_done`).
base::Result<DumpProgress, DumpFailure> decode_done(ByteReader payload) {
  const std::optional<int> status = payload.read<int>();
  if (!status) return malformed("NLMSG_DONE without a status");
  if (*status < 0) return kernel_error(*status);
  return DumpProgress::kDone;
}

base::Result<DumpProgress, DumpFailure> decode_error(ByteReader payload) {
  const std::optional<nlmsgerr> error = payload.read<nlmsgerr>();
  if (!error) return malformed("NLMSG_ERROR too short");
  if (error->error < 0) return kernel_error(error->error);
  return DumpProgress::kMore;  // an acknowledgement
}

base::Result<DumpProgress, DumpFailure> decode_message(const nlmsghdr& header, ByteReader payload,
                                                       const DumpIdentity& identity,
                                                       std::vector<SocketRecord>& sockets) {
  if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) {
    return DumpFailure{{FailureReason::kInterrupted, "the socket tables changed under the dump"}};
  }
  if (header.nlmsg_type == identity.message_type) {
    if (!decode_socket(payload, sockets)) return malformed("a socket message is cut short");
    return DumpProgress::kMore;
  }
  switch (header.nlmsg_type) {
    case NLMSG_NOOP:
      return DumpProgress::kMore;
    case NLMSG_DONE:
      return decode_done(payload);
    case NLMSG_ERROR:
      return decode_error(payload);
    case NLMSG_OVERRUN:
      return DumpFailure{{FailureReason::kOverrun, "the kernel dropped part of a dump"}};
    default:
      return malformed("a message of a type that was not asked for");
  }
}

}  // namespace

base::Result<DumpProgress, DumpFailure> decode_datagram(std::span<const std::byte> datagram,
                                                        const DumpIdentity& identity,
                                                        std::vector<SocketRecord>& sockets) {
  ByteReader messages(datagram);
  if (messages.empty()) return malformed("an empty datagram");
  while (!messages.empty()) {
    const std::optional<nlmsghdr> header = messages.read<nlmsghdr>();
    if (!header || header->nlmsg_len < sizeof(nlmsghdr)) return malformed("a message header");
    const std::optional<ByteReader> payload = messages.take(header->nlmsg_len - sizeof(nlmsghdr));
    if (!payload) return malformed("a message is longer than its datagram");
    messages.skip_up_to(NLMSG_ALIGN(header->nlmsg_len) - header->nlmsg_len);

    if (header->nlmsg_seq != identity.sequence || header->nlmsg_pid != identity.port_id) continue;
    base::Result<DumpProgress, DumpFailure> progress =
        decode_message(*header, *payload, identity, sockets);
    if (!progress || *progress == DumpProgress::kDone) return progress;
  }
  return DumpProgress::kMore;
}

}  // namespace timewait::kernel
