#include "diagnosis/harmless.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "analysis/pools_of_peer.h"
#include "analysis/wording.h"
#include "diagnosis/time_wait_holders.h"

namespace timewait::diagnosis {
namespace {

using analysis::Finding;
using analysis::FindingKind;
using analysis::in_namespace;
using analysis::in_words;
using analysis::plural;
using analysis::Pool;
using analysis::Snapshot;

// Whether a finding is about ports of the peer. Where nobody has any, no pool has sockets to tell.
bool is_in_trouble(const std::string& netns, std::string_view peer,
                   const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    const bool is_about_ports =
        finding.kind == FindingKind::kHeadroom || finding.kind == FindingKind::kExhaustion ||
        finding.kind == FindingKind::kArrivalRate || finding.kind == FindingKind::kSlowConnect;
    return is_about_ports && finding.netns == netns && finding.peer == peer;
  });
}

bool is_at_limit(const std::string& netns, const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.kind == FindingKind::kTimeWaitLimit && finding.netns == netns;
  });
}

void add_inbound(std::vector<std::string>& found, const Snapshot& snapshot,
                 const std::string& netns) {
  const std::uint32_t sockets = time_wait_holders(snapshot).inbound;
  if (sockets == 0) return;
  const std::string limit =
      snapshot.settings.max_tw_buckets
          ? " (all TIME_WAIT sockets: " + in_words(snapshot.time_wait_sockets) + " of at most " +
                in_words(*snapshot.settings.max_tw_buckets) + ")"
          : "";
  found.push_back(
      plural(sockets, "TIME_WAIT socket is", "TIME_WAIT sockets are") + in_namespace(netns) +
      " of connections that this host accepted and closed first: they hold no port that "
      "connect() needs, and only count toward net.ipv4.tcp_max_tw_buckets" +
      limit + ".");
}

std::string why_reusable(const Pool& pool, const Snapshot& snapshot) {
  const std::string delay = analysis::duration_in_words(
      std::chrono::duration<double>(snapshot.settings.tw_reuse_delay).count());
  return snapshot.settings.tw_reuse == 2 && pool.key.remote.address.is_loopback()
             ? "net.ipv4.tcp_tw_reuse is 2, for loopback addresses, and they are older than " +
                   delay
             : "net.ipv4.tcp_tw_reuse is " +
                   std::to_string(snapshot.settings.tw_reuse.value_or(0)) +
                   ", and they are older than " + delay;
}

void add_reusable(std::vector<std::string>& found, const Snapshot& snapshot,
                  const std::string& netns, const std::vector<Finding>& findings) {
  std::uint64_t ports = 0;
  const Pool* most = nullptr;
  for (const Pool& pool : snapshot.pools) {
    if (pool.headroom.reusable == 0 || is_in_trouble(netns, pool.peer, findings)) continue;
    ports += pool.headroom.reusable;
    if (most == nullptr || pool.headroom.reusable > most->headroom.reusable) most = &pool;
  }
  if (most == nullptr) return;
  found.push_back(plural(ports, "TIME_WAIT socket is", "TIME_WAIT sockets are") +
                  in_namespace(netns) +
                  " on local ports that connect() would take again at once (" +
                  why_reusable(*most, snapshot) + "): the ports are as good as free, " +
                  in_words(most->headroom.reusable) + " of them " + ends_of(most->key) + ".");
}

// Those that keep a port each, for a minute at most, where ports are plenty.
void add_outbound(std::vector<std::string>& found, const Snapshot& snapshot,
                  const std::string& netns, const std::vector<Finding>& findings) {
  std::uint64_t sockets = 0;
  std::uint64_t pools = 0;
  const Pool* tightest = nullptr;
  for (const Pool& pool : snapshot.pools) {
    const std::uint32_t time_waits = pool.time_wait_ages.total();
    if (time_waits <= pool.headroom.reusable || is_in_trouble(netns, pool.peer, findings)) continue;
    sockets += time_waits - pool.headroom.reusable;
    ++pools;
    if (tightest == nullptr) tightest = &pool;
  }
  if (tightest == nullptr) return;
  const std::string left = analysis::percent(tightest->headroom.effective_ratio());
  found.push_back(
      plural(sockets, "TIME_WAIT socket of an outbound connection holds a local port",
             "TIME_WAIT sockets of outbound connections hold local ports") +
      in_namespace(netns) + ", for up to a minute: " +
      (pools == 1 ? "the pool " + ends_of(tightest->key) + " has " + left + " of its ports left."
                  : "they are spread over " + in_words(pools) +
                        " pools, each with ports of its own, and the tightest, " +
                        ends_of(tightest->key) + ", has " + left + " left."));
}

}  // namespace

std::vector<std::string> harmless_in(const analysis::NamespaceState& state,
                                     const std::vector<Finding>& findings) {
  std::vector<std::string> found;
  if (!state.snapshot || is_at_limit(state.name, findings)) return found;
  add_inbound(found, *state.snapshot, state.name);
  add_reusable(found, *state.snapshot, state.name, findings);
  add_outbound(found, *state.snapshot, state.name, findings);
  return found;
}

}  // namespace timewait::diagnosis
