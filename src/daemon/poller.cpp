#include "daemon/poller.h"

#include <utility>

#include "kernel/tcp_counters.h"
#include "kernel/tcp_settings.h"

namespace timewait::daemon {
namespace {

const std::string kProcRoot = "/proc";

}  // namespace

Poller::Poller(analysis::Rules rules, std::optional<std::chrono::milliseconds> audit_interval)
    : aggregator_(std::move(rules)) {
  if (audit_interval) audit_.emplace(*audit_interval);
}

Poller::PollResult Poller::poll() {
  base::Result<reading::TcpSettings, reading::ReadFailure> settings =
      kernel::read_tcp_settings(kProcRoot);
  if (!settings) return settings.error();

  const analysis::PollTime time{std::chrono::system_clock::now(), std::chrono::steady_clock::now()};
  aggregator_.begin(*settings, audit_ ? audit_->held() : inet::PortSet());
  base::Status<reading::ReadFailure> sockets = read_sockets();
  if (!sockets) {
    dump_.reset();
    return sockets.error();
  }
  auto snapshot = std::make_shared<const analysis::Snapshot>(
      aggregator_.finish(kernel::read_tcp_counters(kProcRoot), time));
  if (audit_) audit_candidates_ = aggregator_.audit_candidates();
  return snapshot;
}

base::Status<kernel::ProbeFailure> Poller::audit(std::chrono::nanoseconds cpu_budget) {
  return audit_->run_slice(audit_candidates_, cpu_budget, BindAudit::Clock::now());
}

base::Status<reading::ReadFailure> Poller::read_sockets() {
  if (!dump_) {
    base::Result<kernel::SocketDump, reading::ReadFailure> opened = kernel::SocketDump::open();
    if (!opened) return opened.error();
    dump_ = std::move(*opened);
  }
  return dump_->read(
      [this](std::span<const reading::SocketRecord> sockets) { aggregator_.add(sockets); });
}

}  // namespace timewait::daemon
