// Reads every TCP socket of one network namespace through netlink sock_diag, as a stream: never
// more than one datagram (at most 32 KiB, `netlink_recvmsg`) is held.
//
// Where the kernel takes the older request TCPDIAG_GETSOCK, one walk of its tables brings IPv4 and
// IPv6 (`inet_diag_dump_compat`); otherwise each family is asked for by itself, listeners first.
// Needs no capability. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "kernel/bound_sockets.h"
#include "kernel/inet_diag_decoder.h"
#include "kernel/netlink_socket.h"
#include "reading/read_failure.h"
#include "reading/socket_record.h"

namespace timewait::kernel {

// How to walk the kernel's tables: once for both families, or once for each.
enum class Walk { kOnce, kByFamily };

class SocketDump {
 public:
  // Of the calling thread's network namespace. kOnce becomes kByFamily when the kernel refuses it.
  // Fails with kUnavailable if there is no sock_diag to be had.
  static base::Result<SocketDump, reading::ReadFailure> open(Walk walk = Walk::kOnce);

  // Over a socket that is open already.
  SocketDump(NetlinkSocket socket, Walk walk);

  // Streams all sockets into `sink`; on hosts with many, those that are merely bound as they were a
  // while ago, see BoundSockets. After a failure the sink has seen a part of them, which is worth
  // nothing; the next call starts afresh.
  base::Status<reading::ReadFailure> read(const reading::SocketSink& sink);

 private:
  static constexpr std::size_t kBufferBytes = 32 * 1024;

  struct Request {
    std::uint16_t message_type;
    std::uint8_t family;  // AF_UNSPEC: both in one walk
    std::uint32_t states;
  };

  base::Status<DumpFailure> walk(bool bound_too, const reading::SocketSink& sink);
  base::Status<DumpFailure> walk_by_family(bool bound_too, const reading::SocketSink& sink);
  base::Status<DumpFailure> run(const Request& request, const reading::SocketSink& sink);
  base::Status<DumpFailure> send(const Request& request);

  NetlinkSocket socket_;
  Walk walk_;
  BoundSockets bound_;
  std::uint32_t sequence_ = 0;
  std::vector<std::byte> buffer_;
  std::vector<reading::SocketRecord> records_;  // of the datagram at hand
};

}  // namespace timewait::kernel
