#include "diagnosis/explain.h"

#include <string>
#include <utility>

#include "diagnosis/evidence.h"
#include "diagnosis/lookup.h"
#include "reading/read_failure.h"

namespace timewait::diagnosis {
namespace {

using analysis::FindingKind;
using analysis::Pool;
using analysis::Snapshot;

const Pool* pool_in(const Case& a_case, const Snapshot& snapshot) {
  for (const analysis::Finding& finding : a_case.findings) {
    const bool is_about_ports = finding.kind != FindingKind::kTimeWaitLimit;
    const Pool* const pool = is_about_ports ? pool_of(finding, snapshot) : nullptr;
    if (pool != nullptr) return pool;
  }
  return nullptr;
}

// Ports that are short go before the room for TIME_WAIT sockets: more of it would take more ports.
Explanation explain_in_pool(const Case& a_case, const Snapshot& snapshot) {
  const Pool* const pool = pool_in(a_case, snapshot);
  if (pool == nullptr) return explain_time_wait_limit(a_case, snapshot);
  Explanation explanation = explain_pool(a_case, *pool, snapshot);
  if (a_case.has(FindingKind::kTimeWaitLimit)) {
    explanation.evidence.push_back(time_wait_holders_in_words(snapshot));
  }
  return explanation;
}

std::string why_poll_failed(const reading::ReadFailure& failure) {
  switch (failure.reason) {
    case reading::FailureReason::kNamespace:
      return "Another network namespace can be entered only as root, or with the capability "
             "CAP_SYS_ADMIN, and only while its path is there.";
    case reading::FailureReason::kUnavailable:
      return "A sandbox or a container keeps netlink and /proc/net/tcp from being read, or the "
             "kernel has none.";
    default:
      return "";
  }
}

Explanation explain_polls(const analysis::NamespaceState* state) {
  Explanation explanation;
  if (state != nullptr && state->failure) explanation.why = why_poll_failed(*state->failure);
  return explanation;
}

Explanation explain_host_names(const analysis::ExporterState& state) {
  Remedy remedy{
      .what = "See what the resolver says.", .where = "on this host", .lines = {}, .caution = ""};
  for (const analysis::HostHealth& host : state.hosts) {
    if (!host.resolved) remedy.lines.push_back("getent ahosts " + host.name);
  }
  Explanation explanation;
  explanation.remedies = {std::move(remedy)};
  return explanation;
}

}  // namespace

Explanation explain(const Case& a_case, const analysis::ExporterState& state) {
  const CauseKind kind = a_case.cause.kind;
  if (kind == CauseKind::kHostNames) return explain_host_names(state);
  if (kind == CauseKind::kReload) return {};
  const analysis::NamespaceState* const there = namespace_of(state, a_case.cause.netns);
  if (kind == CauseKind::kPolls || there == nullptr || !there->snapshot) {
    return explain_polls(there);
  }
  const Snapshot& snapshot = *there->snapshot;
  switch (kind) {
    case CauseKind::kCloseWait:
      return explain_close_wait(a_case, snapshot);
    case CauseKind::kBound:
    case CauseKind::kSmallRange:
      return explain_lost_ports(a_case, pool_in(a_case, snapshot), snapshot);
    case CauseKind::kAcceptQueue:
      return explain_accept_queue(a_case, snapshot);
    case CauseKind::kTimeWaitLimit:
      return explain_time_wait_limit(a_case, snapshot);
    case CauseKind::kEphemeralListener:
      return explain_ephemeral_listener(a_case, snapshot);
    default:
      return explain_in_pool(a_case, snapshot);
  }
}

}  // namespace timewait::diagnosis
