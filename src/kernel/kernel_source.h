// The kernel as a source of readings: by netlink sock_diag, and where that is not to be had, by
// /proc/net/tcp. Of the network namespace of the thread that makes it; call it in that namespace,
// for good. In the process's own namespace it keeps its files of procfs open. Not thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "kernel/proc_file.h"
#include "kernel/procfs_dump.h"
#include "kernel/socket_dump.h"
#include "kernel/tcp_counters.h"
#include "kernel/tcp_settings.h"
#include "reading/source.h"

namespace timewait::kernel {

class KernelSource : public reading::Source {
 public:
  KernelSource();

  std::string_view name() const override { return procfs_ ? reading::kProcfs : reading::kNetlink; }

  bool lists_bound_sockets() const override { return !procfs_ && netlink_lists_bound_sockets_; }

  base::Result<reading::TcpSettings, reading::ReadFailure> read_settings() override;

  // The first dump decides between netlink and procfs: the two tell sockets apart by different
  // cookies, so a change later on would count every TIME_WAIT socket twice.
  base::Status<reading::ReadFailure> read_sockets(const reading::SocketSink& sink) override;

  reading::TcpCounters read_counters() override;

 private:
  explicit KernelSource(KeepOpen keep_open);

  base::Status<reading::ReadFailure> read_netlink(const reading::SocketSink& sink);

  TcpSettingsReader settings_;
  TcpCountersReader counters_;
  bool netlink_lists_bound_sockets_;
  bool netlink_has_answered_ = false;
  // Absent before the first dump and after a failed one: the rest of a dump that was given up would
  // stay in the old socket, which answers EBUSY until then (`__netlink_dump_start`).
  std::optional<SocketDump> netlink_;
  std::optional<ProcfsDump> procfs_;
};

}  // namespace timewait::kernel
