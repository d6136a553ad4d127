#include "diagnosis/unknown.h"

#include <algorithm>
#include <optional>

#include "analysis/wording.h"
#include "reading/source.h"

namespace timewait::diagnosis {
namespace {

using analysis::in_namespace;
using analysis::Snapshot;

// Only ports in use can be held by bind() and not show.
bool may_hide_bound_ports(const analysis::NamespaceState& state) {
  const std::optional<analysis::AuditHealth>& audit = state.health.audit;
  return !state.snapshot->pools.empty() && !(audit && audit->last_succeeded);
}

std::optional<std::string> without_audit(const analysis::NamespaceState& state) {
  if (!may_hide_bound_ports(state)) return std::nullopt;
  const std::string what = "Ports held by programs that call bind() before connect()" +
                           in_namespace(state.name) +
                           " do not show in what the kernel lists, so fewer may be left than said";
  return what + (state.health.audit
                     ? ": they could not be asked for, which needs Linux 6.3 or later."
                     : "; --audit (or headroom.audit in the configuration) asks for each.");
}

std::optional<std::string> without_netlink(const analysis::NamespaceState& state) {
  if (state.snapshot->source != reading::kProcfs) return std::nullopt;
  return "There is no netlink sock_diag" + in_namespace(state.name) +
         ", so the sockets were read from /proc/net/tcp, which shows neither sockets that are "
         "bound and not connected nor the limits of accept queues.";
}

std::optional<std::string> without_bound_sockets(const analysis::NamespaceState& state) {
  const Snapshot& snapshot = *state.snapshot;
  if (snapshot.source != reading::kNetlink || snapshot.lists_bound_sockets ||
      snapshot.pools.empty()) {
    return std::nullopt;
  }
  return "This kernel does not list sockets that are bound and not connected" +
         in_namespace(state.name) +
         ", which Linux 6.8 and later do; they hold ports, so fewer may be left than said.";
}

std::optional<std::string> without_rates(const analysis::NamespaceState& state) {
  if (!state.snapshot->time_wait_overflows) return std::nullopt;
  return "As long as connections end without TIME_WAIT" + in_namespace(state.name) +
         ", how many are opened a second is not known, nor when ports run out.";
}

// Of loopback it may be taken for granted.
std::optional<std::string> without_timestamps(const analysis::NamespaceState& state) {
  const Snapshot& snapshot = *state.snapshot;
  const bool is_any =
      std::any_of(snapshot.pools.begin(), snapshot.pools.end(), [](const analysis::Pool& pool) {
        return pool.headroom.reusable > 0 && !pool.key.local.is_loopback() &&
               !pool.key.remote.address.is_loopback();
      });
  if (!is_any) return std::nullopt;
  return "Ports in TIME_WAIT" + in_namespace(state.name) +
         " count as free where net.ipv4.tcp_tw_reuse allows to take them again; the kernel does so "
         "only if the peer had TCP timestamps, which it does not show.";
}

}  // namespace

std::vector<std::string> unknown_in(const analysis::NamespaceState& state) {
  std::vector<std::string> unknown;
  if (!state.snapshot) return unknown;
  for (const auto& each :
       {without_audit(state), without_netlink(state), without_bound_sockets(state),
        without_rates(state), without_timestamps(state)}) {
    if (each) unknown.push_back(*each);
  }
  return unknown;
}

std::string proviso_in(const analysis::NamespaceState& state) {
  if (!state.snapshot || !may_hide_bound_ports(state)) return "";
  return state.health.audit ? "ports held by bind() could not be asked for"
                            : "ports held by bind() were not asked for";
}

}  // namespace timewait::diagnosis
