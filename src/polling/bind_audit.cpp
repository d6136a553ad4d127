#include "polling/bind_audit.h"

#include "polling/cpu_time.h"

namespace timewait::polling {
namespace {

constexpr int kPorts = 65536;

}  // namespace

base::Status<kernel::ProbeFailure> BindAudit::run_slice(const inet::PortSet& candidates,
                                                        std::chrono::nanoseconds cpu_budget,
                                                        Clock::time_point now) {
  if (!round_started_at_ || now - *round_started_at_ >= interval_) {
    round_started_at_ = now;
    asked_.clear();
  }
  // What nobody uses any more is held by nobody, and is asked for afresh when it shows up again.
  asked_.keep_only(candidates);
  held_.keep_only(candidates);

  const std::chrono::nanoseconds deadline = thread_cpu_time() + cpu_budget;
  for (int i = 0; i < kPorts; ++i) {
    const std::uint16_t port = next_port_++;  // wraps around
    if (!candidates.contains(port) || asked_.contains(port)) continue;
    base::Status<kernel::ProbeFailure> asked = ask(port);
    if (!asked) return asked;
    if (thread_cpu_time() >= deadline) break;
  }
  return base::Ok{};
}

base::Status<kernel::ProbeFailure> BindAudit::ask(std::uint16_t port) {
  const base::Result<bool, kernel::ProbeFailure> is_held = kernel::is_held_by_bind(port);
  if (!is_held) return is_held.error();
  ++probes_;
  asked_.insert(port);
  if (*is_held) {
    held_.insert(port);
  } else {
    held_.erase(port);
  }
  return base::Ok{};
}

}  // namespace timewait::polling
