// What a poll reads, of one network namespace: the seam between those who know the kernel and those
// who only want to know what it says.
#pragma once

#include <string_view>

#include "base/result.h"
#include "reading/read_failure.h"
#include "reading/socket_record.h"
#include "reading/tcp_counters.h"
#include "reading/tcp_settings.h"

namespace timewait::reading {

// Where the sockets are read.
inline constexpr std::string_view kNetlink = "netlink";
inline constexpr std::string_view kProcfs = "procfs";

// Not thread-safe.
class Source {
 public:
  virtual ~Source() = default;

  // kNetlink or kProcfs. Settled by the first read_sockets().
  virtual std::string_view name() const = 0;

  // Whether the sockets include those that are bound and neither listening nor connected; settled
  // as name() is.
  virtual bool lists_bound_sockets() const = 0;

  virtual base::Result<TcpSettings, ReadFailure> read_settings() = 0;

  // Streams all sockets into `sink`. After a failure the sink has seen a part of them, which is
  // worth nothing; the next call starts afresh.
  virtual base::Status<ReadFailure> read_sockets(const SocketSink& sink) = 0;

  virtual TcpCounters read_counters() = 0;
};

}  // namespace timewait::reading
