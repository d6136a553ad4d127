#include "kernel/socket_dump.h"

#include <cerrno>
#include <utility>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace timewait::kernel {
namespace {

using reading::FailureReason;
using reading::ReadFailure;

// Bits of idiag_states, by TCP state. Bit 13 asks for sockets that are bound and not connected;
// kernels before 6.8 ignore it, and no answer tells that they did: then there are none, as where
// nothing is bound.
constexpr std::uint32_t kListening = 1u << 10;
constexpr std::uint32_t kBoundInactive = 1u << 13;
constexpr std::uint32_t kAllStates = ~0u;

struct OneWalkRequest {
  nlmsghdr header;
  inet_diag_req body;
};

struct ByFamilyRequest {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

template <typename Message>
Message make_request(std::uint16_t type, std::uint32_t sequence) {
  Message message{};
  message.header.nlmsg_len = sizeof(message);
  message.header.nlmsg_type = type;
  message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  message.header.nlmsg_seq = sequence;
  return message;
}

// The answers of a kernel that does not know a request, or has no inet_diag for the family.
bool is_unsupported(const DumpFailure& failure) {
  const int error = failure.kernel_errno;
  return error == ENOENT || error == EINVAL || error == EOPNOTSUPP || error == EPROTONOSUPPORT;
}

base::Status<ReadFailure> as_read_status(const base::Status<DumpFailure>& status) {
  if (!status) return status.error().failure;
  return base::Ok{};
}

}  // namespace

base::Result<SocketDump, ReadFailure> SocketDump::open(Walk walk) {
  base::Result<NetlinkSocket, ReadFailure> socket = NetlinkSocket::open();
  if (!socket) return socket.error();
  return SocketDump(std::move(*socket), walk);
}

SocketDump::SocketDump(NetlinkSocket socket, Walk walk)
    : socket_(std::move(socket)), walk_(walk), buffer_(kBufferBytes) {
  records_.reserve(kBufferBytes / sizeof(inet_diag_msg));
}

base::Status<ReadFailure> SocketDump::read(const reading::SocketSink& sink) {
  const BoundSockets::Clock::time_point now = BoundSockets::Clock::now();
  if (!bound_.are_due(now)) {
    if (!bound_.known().empty()) sink(bound_.known());
    return as_read_status(walk(false, sink));
  }
  bound_.begin();
  const base::Status<DumpFailure> status =
      walk(true, [&](std::span<const reading::SocketRecord> sockets) {
        bound_.see(sockets);
        sink(sockets);
      });
  if (status) bound_.finish(now);
  return as_read_status(status);
}

base::Status<DumpFailure> SocketDump::walk(bool bound_too, const reading::SocketSink& sink) {
  if (walk_ == Walk::kByFamily) return walk_by_family(bound_too, sink);

  const std::uint32_t states = bound_too ? kAllStates : kAllStates & ~kBoundInactive;
  base::Status<DumpFailure> status = run({TCPDIAG_GETSOCK, AF_UNSPEC, states}, sink);
  if (status || !is_unsupported(status.error())) return status;
  // The refusal comes before the first socket, so the sink has seen nothing.
  walk_ = Walk::kByFamily;
  return walk_by_family(bound_too, sink);
}

// The listeners of both families go first: an IPv6 listener may own IPv4 connections (a SYN to it
// shows as AF_INET, `tcp_v6_conn_request`).
base::Status<DumpFailure> SocketDump::walk_by_family(bool bound_too,
                                                     const reading::SocketSink& sink) {
  constexpr std::uint32_t kConnected = kAllStates & ~kListening & ~kBoundInactive;
  const std::uint32_t holding = bound_too ? kListening | kBoundInactive : kListening;
  for (const std::uint32_t states : {holding, kConnected}) {
    base::Status<DumpFailure> ipv4 = run({SOCK_DIAG_BY_FAMILY, AF_INET, states}, sink);
    if (!ipv4) {
      // What has answered the first request does not lack what the others take.
      if (!is_unsupported(ipv4.error()) || states == kConnected) return ipv4;
      return DumpFailure{
          {FailureReason::kUnavailable, "this kernel has no TCP sock_diag (CONFIG_INET_TCP_DIAG)"}};
    }
    base::Status<DumpFailure> ipv6 = run({SOCK_DIAG_BY_FAMILY, AF_INET6, states}, sink);
    if (!ipv6 && !is_unsupported(ipv6.error())) return ipv6;  // a kernel without IPv6 is fine
  }
  return base::Ok{};
}

base::Status<DumpFailure> SocketDump::run(const Request& request, const reading::SocketSink& sink) {
  const DumpIdentity identity{++sequence_, socket_.port_id(), request.message_type};
  base::Status<DumpFailure> sent = send(request);
  if (!sent) return sent;
  bool has_begun = false;
  for (;;) {
    base::Result<std::span<const std::byte>, ReadFailure> datagram = socket_.receive(buffer_);
    if (!datagram) return DumpFailure{datagram.error()};

    records_.clear();
    base::Result<DumpProgress, DumpFailure> progress =
        decode_datagram(*datagram, identity, records_);
    has_begun = has_begun || !records_.empty();
    if (!progress) {
      // A dump that breaks off, whatever the errno, was not refused.
      return has_begun ? DumpFailure{progress.error().failure} : progress.error();
    }
    if (!records_.empty()) sink(records_);
    if (*progress == DumpProgress::kDone) return base::Ok{};
  }
}

base::Status<DumpFailure> SocketDump::send(const Request& request) {
  const auto send_message = [&](const auto& message) -> base::Status<DumpFailure> {
    base::Status<ReadFailure> sent = socket_.send(std::as_bytes(std::span(&message, 1)));
    if (!sent) return DumpFailure{sent.error()};
    return base::Ok{};
  };
  if (request.message_type == TCPDIAG_GETSOCK) {
    auto message = make_request<OneWalkRequest>(request.message_type, sequence_);
    message.body.idiag_family = request.family;
    message.body.idiag_states = request.states;
    return send_message(message);
  }
  auto message = make_request<ByFamilyRequest>(request.message_type, sequence_);
  message.body.sdiag_family = request.family;
  message.body.sdiag_protocol = IPPROTO_TCP;
  message.body.idiag_states = request.states;
  return send_message(message);
}

}  // namespace timewait::kernel
