#include "kernel/kernel_source.h"

#include <string>
#include <utility>

#include "kernel/kernel_release.h"
#include "kernel/network_namespace.h"

namespace timewait::kernel {
namespace {

const std::string kProcRoot = "/proc";

// In the process's own network namespace, which lasts as long as the process does. Of the others
// there may be hundreds, too many for nine descriptors each.
KeepOpen keep_open_here() {
  const auto own = NetworkNamespace::open_own();
  const auto here = thread_namespace();
  return own && here && own->identity() == *here ? KeepOpen::kYes : KeepOpen::kNo;
}

}  // namespace

KernelSource::KernelSource() : KernelSource(keep_open_here()) {}

KernelSource::KernelSource(KeepOpen keep_open)
    : settings_(kProcRoot, keep_open),
      counters_(kProcRoot, keep_open),
      netlink_lists_bound_sockets_(is_at_least(running_release(), 6, 8)) {}

base::Result<reading::TcpSettings, reading::ReadFailure> KernelSource::read_settings() {
  return settings_.read();
}

base::Status<reading::ReadFailure> KernelSource::read_sockets(const reading::SocketSink& sink) {
  if (procfs_) return procfs_->read(sink);
  base::Status<reading::ReadFailure> status = read_netlink(sink);
  if (status) {
    netlink_has_answered_ = true;
    return status;
  }
  netlink_.reset();
  const bool has_no_netlink =
      status.error().reason == reading::FailureReason::kUnavailable && !netlink_has_answered_;
  if (!has_no_netlink) return status;
  // That there is no sock_diag shows before the first socket, so the sink has seen nothing.
  ProcfsDump procfs(kProcRoot);
  base::Status<reading::ReadFailure> from_procfs = procfs.read(sink);
  if (from_procfs || from_procfs.error().reason != reading::FailureReason::kUnavailable) {
    procfs_ = std::move(procfs);
    return from_procfs;
  }
  return status;
}

base::Status<reading::ReadFailure> KernelSource::read_netlink(const reading::SocketSink& sink) {
  if (!netlink_) {
    base::Result<SocketDump, reading::ReadFailure> opened = SocketDump::open();
    if (!opened) return opened.error();
    netlink_ = std::move(*opened);
  }
  return netlink_->read(sink);
}

reading::TcpCounters KernelSource::read_counters() { return counters_.read(); }

}  // namespace timewait::kernel
