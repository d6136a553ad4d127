#include "report/peer_rows.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <tuple>

#include "inet/tcp_state.h"
#include "report/found.h"

namespace timewait::report {
namespace {

using analysis::Finding;
using analysis::FindingKind;
using inet::TcpState;

using Findings = std::vector<Finding>;

void count_sockets(PeerRow& row, const analysis::SocketGroup& group) {
  row.time_wait = group.sockets[TcpState::kTimeWait];
  row.established = group.sockets[TcpState::kEstablished];
  row.close_wait = group.sockets[TcpState::kCloseWait];
}

PeerRow row_of(const analysis::Peer& peer, const analysis::Snapshot& snapshot,
               std::chrono::steady_clock::time_point now) {
  PeerRow row;
  row.peer = peer.name;
  row.tightest = peer.tightest;
  row.pools = peer.pools;
  row.headroom = peer.headroom;
  count_sockets(row, peer.group);
  row.arrival_rate = peer.arrival_rate;
  row.sustainable_rate = peer.sustainable_rate;
  row.exhaustion_seconds = analysis::seconds_left(peer.exhaustion_seconds, snapshot, now);
  return row;
}

PeerRow row_of(const analysis::SocketGroup& folded) {
  PeerRow row;
  row.peer = analysis::kOtherPeers;
  count_sockets(row, folded);
  row.exhaustion_seconds = std::numeric_limits<double>::infinity();
  return row;
}

void add_severities(PeerRow& row, const std::string& netns, const Findings& findings) {
  const Found found(findings, [&](const Finding& finding) {
    return finding.netns == netns && finding.peer == row.peer;
  });
  row.worst = found.worst();
  row.ports = found.worst({FindingKind::kHeadroom});
  row.pace = found.worst({FindingKind::kExhaustion, FindingKind::kArrivalRate});
  row.unclosed = found.worst({FindingKind::kCloseWait});
}

// By name at last, so that those who have as much left do not change places at each poll.
bool is_tighter(const PeerRow& a, const PeerRow& b) {
  const auto key = [](const PeerRow& row) {
    return std::tuple(row.headroom->effective_ratio(), -double(row.headroom->used),
                      std::string_view(row.peer));
  };
  return key(a) < key(b);
}

}  // namespace

std::vector<PeerRow> peer_rows(const analysis::NamespaceState& state, const Findings& findings,
                               std::chrono::steady_clock::time_point now) {
  std::vector<PeerRow> rows;
  if (!state.snapshot) return rows;
  const analysis::Snapshot& snapshot = *state.snapshot;
  for (const auto* peers : {&snapshot.configured_peers, &snapshot.discovered_peers}) {
    for (const analysis::Peer& peer : *peers) rows.push_back(row_of(peer, snapshot, now));
  }
  std::sort(rows.begin(), rows.end(), &is_tighter);
  if (snapshot.other && snapshot.other->sockets.total() > 0) {
    rows.push_back(row_of(*snapshot.other));
  }
  for (PeerRow& row : rows) add_severities(row, state.name, findings);
  return rows;
}

}  // namespace timewait::report
