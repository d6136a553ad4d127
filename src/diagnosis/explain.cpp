#include "diagnosis/explain.h"

#include <algorithm>
#include <string>
#include <utility>

#include "diagnosis/evidence.h"
#include "reading/read_failure.h"

namespace timewait::diagnosis {
namespace {

using analysis::FindingKind;
using analysis::Snapshot;

bool has(const Case& a_case, FindingKind kind) {
  return std::any_of(a_case.findings.begin(), a_case.findings.end(),
                     [kind](const analysis::Finding& each) { return each.kind == kind; });
}

const analysis::Pool* pool_in(const Case& a_case, const Snapshot& snapshot) {
  for (const analysis::Finding& finding : a_case.findings) {
    if (finding.kind == FindingKind::kTimeWaitLimit) continue;
    if (const analysis::Pool* const pool = pool_of(finding, snapshot)) return pool;
  }
  return nullptr;
}

// Ports that are short go before the room for TIME_WAIT sockets: more of it would take more ports.
Explanation explain_in_pool(const Case& a_case, const Snapshot& snapshot) {
  const analysis::Pool* const pool = pool_in(a_case, snapshot);
  if (pool == nullptr) return explain_time_wait_limit(a_case, snapshot);
  Explanation explanation = explain_pool(a_case, *pool, snapshot);
  if (has(a_case, FindingKind::kTimeWaitLimit)) {
    explanation.evidence.push_back(time_wait_holders_in_words(snapshot));
  }
  return explanation;
}

std::string why_poll_failed(const reading::ReadFailure& failure) {
  switch (failure.reason) {
    case reading::FailureReason::kNamespace:
      return "To enter another network namespace takes the capability CAP_SYS_ADMIN, and its path "
             "must be there.";
    case reading::FailureReason::kUnavailable:
      return "A sandbox or a container keeps netlink and /proc/net/tcp from being read, or the "
             "kernel has none.";
    default:
      return "";
  }
}

Explanation explain_polls(const Case& a_case, const analysis::ExporterState& state) {
  const auto found =
      std::find_if(state.namespaces.begin(), state.namespaces.end(),
                   [&](const auto& each) { return each.name == a_case.cause.netns; });
  Explanation explanation;
  if (found != state.namespaces.end() && found->failure) {
    explanation.why = why_poll_failed(*found->failure);
  }
  return explanation;
}

Explanation explain_host_names(const analysis::ExporterState& state) {
  Explanation explanation;
  explanation.why =
      "Until a name resolves, connections to it are not counted under its peer's name.";
  Remedy remedy{
      .what = "See what the resolver says.", .where = "on this host", .lines = {}, .caution = ""};
  for (const analysis::HostHealth& host : state.hosts) {
    if (!host.resolved) remedy.lines.push_back("getent ahosts " + host.name);
  }
  explanation.remedies = {std::move(remedy)};
  return explanation;
}

}  // namespace

Explanation explain(const Case& a_case, const analysis::ExporterState& state) {
  const CauseKind kind = a_case.cause.kind;
  if (kind == CauseKind::kHostNames) return explain_host_names(state);
  const Snapshot* const snapshot = snapshot_of(state, a_case.cause.netns);
  if (kind == CauseKind::kPolls || snapshot == nullptr) return explain_polls(a_case, state);
  switch (kind) {
    case CauseKind::kReload:
      return {};
    case CauseKind::kCloseWait:
      return explain_close_wait(a_case, *snapshot);
    case CauseKind::kBound:
    case CauseKind::kSmallRange:
      return explain_lost_ports(a_case, *snapshot);
    case CauseKind::kAcceptQueue:
      return explain_accept_queue(a_case, *snapshot);
    case CauseKind::kTimeWaitLimit:
      return explain_time_wait_limit(a_case, *snapshot);
    case CauseKind::kEphemeralListener:
      return explain_ephemeral_listener(a_case, *snapshot);
    default:
      return explain_in_pool(a_case, *snapshot);
  }
}

}  // namespace timewait::diagnosis
