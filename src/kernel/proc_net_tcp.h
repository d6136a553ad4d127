// From a line of /proc/net/tcp or tcp6 to a socket record (`tcp4_seq_show`, `tcp6_seq_show`).
//
// Pure: no system call, no allocation. The text is untrusted: any of it yields a record, nothing or
// a failure.
//
// What such a line does not tell, and what stands in for it:
//   cookie              made from the 4-tuple: never 0, the same in every dump, and the same again
//                       for the next socket on the 4-tuple. One that leaves TIME_WAIT and has a
//                       successor there before the next poll looks like one socket.
//   accept_queue_limit  absent.
//   ipv6_only           false. IPv4 connections of a dual-stack listener that was taken for an IPv6
//                       one would count as outbound and eat headroom. The opposite mistake needs a
//                       socket that bind() put on the listener's port, for connect() never does.
//                       net.ipv6.bindv6only decides nothing: it is a default, which JVMs override.
//   interface           0. The pools of one link-local remote address on two links are counted as
//                       one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "reading/socket_record.h"

namespace timewait::kernel {

// The first line of either file. Lines are given without their line feed.
bool is_proc_net_tcp_header(std::string_view line);

struct MalformedField {
  std::string_view name;
};

// A line that stands for a socket; nothing if its state is one that TCP does not have. Times are in
// clock ticks, sysconf(_SC_CLK_TCK) a second.
base::Result<std::optional<reading::SocketRecord>, MalformedField> decode_proc_net_tcp_line(
    std::string_view line, std::uint64_t ticks_per_second);

}  // namespace timewait::kernel
