#include "polling/poller.h"

#include <span>
#include <utility>

namespace timewait::polling {

Poller::Poller(std::unique_ptr<reading::Source> source, analysis::Rules rules,
               std::optional<std::chrono::milliseconds> audit_interval)
    : source_(std::move(source)), aggregator_(std::move(rules)), audit_interval_(audit_interval) {
  if (audit_interval_) audit_.emplace(*audit_interval_);
}

void Poller::reconfigure(analysis::Rules rules,
                         std::optional<std::chrono::milliseconds> audit_interval) {
  aggregator_.set_rules(std::move(rules));
  if (audit_interval == audit_interval_) return;
  audit_interval_ = audit_interval;
  audit_.reset();
  if (audit_interval_) audit_.emplace(*audit_interval_);
}

Poller::PollResult Poller::poll() {
  base::Result<reading::TcpSettings, reading::ReadFailure> settings = source_->read_settings();
  if (!settings) return settings.error();

  const auto wall = std::chrono::system_clock::now();
  const auto steady = std::chrono::steady_clock::now();
  aggregator_.begin(*settings, audit_ ? audit_->held() : inet::PortSet());
  base::Status<reading::ReadFailure> sockets = source_->read_sockets(
      [this](std::span<const reading::SocketRecord> read) { aggregator_.add(read); });
  if (!sockets) return sockets.error();

  auto snapshot = std::make_shared<const analysis::Snapshot>(
      aggregator_.finish(source_->read_counters(),
                         {wall, steady, source_->name(), source_->lists_bound_sockets()}));
  if (audit_) audit_candidates_ = aggregator_.audit_candidates();
  return snapshot;
}

base::Status<kernel::ProbeFailure> Poller::audit(std::chrono::nanoseconds cpu_budget) {
  return audit_->run_slice(audit_candidates_, cpu_budget, BindAudit::Clock::now());
}

}  // namespace timewait::polling
