#include "made_snapshot.h"

#include "analysis/aggregator.h"
#include "made_dump.h"

namespace timewait::bench {

analysis::Snapshot made_snapshot(const MadeHost& host,
                                 std::chrono::steady_clock::time_point taken_at) {
  constexpr std::uint32_t kSockets = 100;
  analysis::Rules rules;
  rules.max_discovered_peers = host.shown_peers;
  analysis::Aggregator aggregator(rules);
  aggregator.begin({}, {});
  aggregator.add(made_inbound(kSockets * host.listeners, host.listeners));
  aggregator.add(made_outbound(kSockets * host.pools, host.pools));
  return aggregator.finish({}, {{}, taken_at, "made"});
}

}  // namespace timewait::bench
