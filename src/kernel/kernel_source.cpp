#include "kernel/kernel_source.h"

#include <string>
#include <utility>

#include "kernel/tcp_counters.h"
#include "kernel/tcp_settings.h"

namespace timewait::kernel {
namespace {

const std::string kProcRoot = "/proc";

}  // namespace

base::Result<reading::TcpSettings, reading::ReadFailure> KernelSource::read_settings() {
  return read_tcp_settings(kProcRoot);
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

reading::TcpCounters KernelSource::read_counters() { return read_tcp_counters(kProcRoot); }

}  // namespace timewait::kernel
