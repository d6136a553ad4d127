#include "daemon/service_status.h"

#include <cmath>
#include <cstddef>
#include <vector>

#include "analysis/findings.h"
#include "analysis/wording.h"

namespace timewait::daemon {
namespace {

std::string trouble(const std::vector<analysis::Finding>& findings) {
  std::size_t count = 0;
  for (const analysis::Finding& finding : findings) {
    if (finding.severity != analysis::Severity::kInfo) ++count;
  }
  if (count == 0) return {};
  const std::string& first = findings.front().text;
  if (count == 1) return first;
  return first + " (" + analysis::in_words(count - 1) + " more: see the status page.)";
}

struct Tightest {
  std::size_t peers = 0;
  double left = 2;  // the share of its ports; more than all
  std::string name;

  std::string introduced() const {
    if (peers == 1) return "The only peer, " + name;
    return "The tightest of " + analysis::in_words(peers) + " peers, " + name;
  }

  void look_at(const std::vector<analysis::Peer>& more, const std::string& netns) {
    peers += more.size();
    for (const analysis::Peer& peer : more) {
      if (peer.headroom.effective_ratio() >= left) continue;
      left = peer.headroom.effective_ratio();
      name = analysis::isolated(peer.name);
      if (!netns.empty()) name += " in " + analysis::isolated(netns);
    }
  }
};

}  // namespace

std::string service_status(const analysis::ExporterState& state,
                           std::chrono::steady_clock::time_point now) {
  if (state.namespaces.empty()) return "The first poll is under way.";
  std::string wrong = trouble(analysis::findings_of(state, now));
  if (!wrong.empty()) return wrong;
  Tightest tightest;
  for (const analysis::NamespaceState& each : state.namespaces) {
    if (!each.snapshot) continue;
    tightest.look_at(each.snapshot->configured_peers, each.name);
    tightest.look_at(each.snapshot->discovered_peers, each.name);
  }
  if (tightest.peers == 0) return "No connection to any peer.";
  constexpr double kPercent = 100;
  const double left = std::floor(tightest.left * kPercent) / kPercent;
  return tightest.introduced() + ", has " + analysis::percent(left) + " of its ports left.";
}

}  // namespace timewait::daemon
