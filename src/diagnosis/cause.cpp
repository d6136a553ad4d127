#include "diagnosis/cause.h"

#include <algorithm>
#include <numeric>

#include "diagnosis/lookup.h"
#include "diagnosis/ports_taken.h"
#include "diagnosis/time_wait_holders.h"
#include "inet/tcp_state.h"

namespace timewait::diagnosis {
namespace {

using analysis::Finding;
using analysis::FindingKind;
using analysis::Pool;
using analysis::Snapshot;

// Where fewer connections than this fill a small range, it is the range that is unusual.
constexpr std::uint32_t kManyOpen = 500;

CauseKind kind_of(Taker taker) {
  switch (taker) {
    case Taker::kTimeWait:
      return CauseKind::kChurn;
    case Taker::kEstablished:
      return CauseKind::kOpen;
    case Taker::kCloseWait:
      return CauseKind::kCloseWait;
    case Taker::kSynSent:
      return CauseKind::kSynSent;
    case Taker::kFinWait2:
      return CauseKind::kFinWait2;
    case Taker::kUnanswered:
      return CauseKind::kUnanswered;
    case Taker::kBound:
      return CauseKind::kBound;
    case Taker::kReserved:
      return CauseKind::kSmallRange;
  }
  return CauseKind::kOpen;
}

// Whether most of the ports that a pool gives away at present come back by way of TIME_WAIT.
bool is_churn(const Pool& pool) {
  constexpr std::ptrdiff_t kSeconds = 10;
  const auto first = pool.time_wait_ages.entered.begin();
  const double closed = std::accumulate(first, first + kSeconds, 0.0) / kSeconds;
  return closed > pool.arrival_rate / 2;
}

// Whether the pool would bear its rate if all pools had those ports, too.
bool would_suffice(std::uint32_t ports, const Pool& pool) {
  const std::uint32_t capacity = pool.headroom.capacity;
  return ports > capacity &&
         pool.arrival_rate * capacity <= pool.sustainable_rate * (double(capacity) + ports);
}

CauseKind kind_of_pace(const Pool& pool, const PortsTaken& taken) {
  for (const Taker taker : {Taker::kBound, Taker::kReserved}) {
    if (would_suffice(taken.by(taker), pool)) return kind_of(taker);
  }
  return is_churn(pool) ? CauseKind::kChurn : kind_of(taken.most_of_open());
}

// The listener of this host that is the pool's other side and does not close: its sockets are in
// CLOSE_WAIT where the pool's are in FIN_WAIT2. Null if there is none.
const analysis::Listener* leaking_listener(const Pool& pool, const Snapshot& snapshot) {
  const inet::Endpoint& remote = pool.key.remote;
  if (!remote.address.is_loopback() && remote.address != pool.key.local) return nullptr;
  const auto found = std::find_if(
      snapshot.listeners.begin(), snapshot.listeners.end(), [&](const analysis::Listener& each) {
        return std::binary_search(each.ports.begin(), each.ports.end(), remote.port) &&
               each.group.sockets[inet::TcpState::kCloseWait] >=
                   pool.sockets[inet::TcpState::kFinWait2] / 2;
      });
  return found == snapshot.listeners.end() ? nullptr : &*found;
}

Cause cause_in_ports(const Finding& finding, const Snapshot& snapshot) {
  const Pool* const pool = pool_of(finding, snapshot);
  if (pool == nullptr) {  // no pool has any ports
    const bool is_bound = snapshot.ephemeral_ports_bound >= snapshot.ephemeral_ports_reserved;
    return {is_bound ? CauseKind::kBound : CauseKind::kSmallRange, finding.netns};
  }
  const PortsTaken taken(*pool, snapshot);
  const bool is_pace =
      finding.kind == FindingKind::kExhaustion || finding.kind == FindingKind::kArrivalRate;
  CauseKind kind = is_pace ? kind_of_pace(*pool, taken) : kind_of(taken.most());
  if (kind == CauseKind::kOpen && !is_pace && taken.by(Taker::kEstablished) < kManyOpen &&
      has_small_range(snapshot)) {
    kind = CauseKind::kSmallRange;
  }
  if (kind == CauseKind::kFinWait2) {
    if (const analysis::Listener* const listener = leaking_listener(*pool, snapshot)) {
      return {CauseKind::kCloseWait, finding.netns, std::nullopt, listener->name};
    }
  }
  if (kind == CauseKind::kBound || kind == CauseKind::kSmallRange) return {kind, finding.netns};
  return {kind, finding.netns, finding.peer};
}

// Where this host opened most of them, what is to be said is to be said of the peer.
Cause cause_of_time_wait_limit(const Finding& finding, const Snapshot& snapshot) {
  const TimeWaitHolders holders = time_wait_holders(snapshot);
  if (holders.outbound <= holders.inbound) return {CauseKind::kTimeWaitLimit, finding.netns};
  return {CauseKind::kChurn, finding.netns, holders.peer.name};
}

CauseKind cause_elsewhere(FindingKind kind) {
  switch (kind) {
    case FindingKind::kReload:
      return CauseKind::kReload;
    case FindingKind::kHostName:
      return CauseKind::kHostNames;
    case FindingKind::kAcceptQueue:
      return CauseKind::kAcceptQueue;
    case FindingKind::kBoundPorts:
      return CauseKind::kBound;
    case FindingKind::kCloseWait:
      return CauseKind::kCloseWait;
    case FindingKind::kEphemeralListener:
      return CauseKind::kEphemeralListener;
    default:
      return CauseKind::kPolls;
  }
}

}  // namespace

Cause cause_of(const Finding& finding, const analysis::ExporterState& state) {
  const analysis::NamespaceState* const there = namespace_of(state, finding.netns);
  if (there != nullptr && there->snapshot) {
    const Snapshot& snapshot = *there->snapshot;
    switch (finding.kind) {
      case FindingKind::kHeadroom:
      case FindingKind::kExhaustion:
      case FindingKind::kArrivalRate:
      case FindingKind::kSlowConnect:
        return cause_in_ports(finding, snapshot);
      case FindingKind::kTimeWaitLimit:
        return cause_of_time_wait_limit(finding, snapshot);
      default:
        break;
    }
  }
  return {cause_elsewhere(finding.kind), finding.netns, finding.peer, finding.listener};
}

}  // namespace timewait::diagnosis
