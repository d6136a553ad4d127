#include "analysis/peer_findings.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

#include "analysis/pools_of_peer.h"
#include "analysis/wording.h"

namespace timewait::analysis {
namespace {

constexpr double kHeadroomCritical = 0.1;
constexpr double kHeadroomWarning = 0.2;
constexpr double kExhaustionCriticalSeconds = 60;
constexpr double kExhaustionWarningSeconds = 15 * 60;

using Clock = std::chrono::steady_clock;

// What is asked about one peer.
struct PeerView {
  const Snapshot& snapshot;
  const Peer& peer;
  const std::string& netns;
  Clock::time_point now;
  std::string toward = isolated(peer.name);  // whom, in a sentence
  std::size_t more_tight_pools = 0;          // besides the tightest, where it is to be said

  double exhaustion_seconds() const { return seconds_left(peer.exhaustion_seconds, snapshot, now); }
  bool is_exhausted() const { return peer.headroom.free_ports() == 0; }
  // A peer that is called after its remote end needs not be told where the pool leads.
  std::string ends(const PoolKey& pool) const {
    const bool is_told = peer.name == pool.remote.to_string();
    return is_told ? "from " + pool.local.to_string() : ends_of(pool);
  }

  Finding finding(Severity severity, FindingKind kind, const std::string& text) const {
    return {.severity = severity,
            .kind = kind,
            .netns = netns,
            .peer = peer.name,
            .text = "Toward " + toward + in_namespace(netns) + ", " + text};
  }
};

bool find_headroom(FindingList& findings, const PeerView& view) {
  const Headroom& headroom = view.peer.headroom;
  const double left = headroom.effective_ratio();
  if (left >= kHeadroomWarning || !view.peer.tightest) return false;
  const std::string pool = view.ends(*view.peer.tightest);
  const std::string failure = "connect() fails with \"Cannot assign requested address\"";
  const std::string text =
      view.is_exhausted()
          ? "no local port is left " + pool + ": " + failure + " until one comes back"
          : percent(left) + " of the local ports are left (" + in_words(headroom.free_ports()) +
                " of " + in_words(headroom.capacity) + " " + pool + "); when none is, " + failure;
  const std::string more =
      view.more_tight_pools == 0
          ? "."
          : "; " + plural(view.more_tight_pools, "more such pool is", "more such pools are") +
                " below " + percent(kHeadroomWarning) + ".";
  findings.add(left,
               view.finding(left < kHeadroomCritical ? Severity::kCritical : Severity::kWarning,
                            FindingKind::kHeadroom, text + more));
  return true;
}

std::string why_exhausted(const Pool& pool, const PeerView& view) {
  const bool is_known = known_arrival_rate(pool, view.snapshot).has_value();
  const std::string rate = (is_known ? "" : "at least ") + rate_in_words(pool.arrival_rate) +
                           " new connections a second " + view.ends(pool.key);
  if (pool.arrival_rate <= pool.sustainable_rate) return rate + ", and fewer ports come back";
  return rate + ", where " + rate_in_words(pool.sustainable_rate) + " can be sustained";
}

bool find_exhaustion(FindingList& findings, const PeerView& view) {
  const double seconds = view.exhaustion_seconds();
  if (seconds > kExhaustionWarningSeconds) return false;
  const Pool* const pool = first_exhausted(view.snapshot, view.peer.name);
  if (pool == nullptr || pool->headroom.free_ports() == 0) return false;
  const std::string why = why_exhausted(*pool, view);
  const std::chrono::duration<double> age = view.now - view.snapshot.forecast_from;
  const std::string text =
      seconds > 0 ? "the local ports run out in " + duration_in_words(seconds) +
                        " if it goes on like this: " + why + "."
                  : "the local ports should have run out by now: " + why + "; the figures are " +
                        duration_in_words(age.count()) + " old.";
  findings.add(seconds, view.finding(seconds <= kExhaustionCriticalSeconds ? Severity::kCritical
                                                                           : Severity::kWarning,
                                     FindingKind::kExhaustion, text));
  return true;
}

void find_arrival_rate(FindingList& findings, const PeerView& view) {
  const Peer& peer = view.peer;
  if (!peer.arrival_rate || !peer.sustainable_rate || !peer.tightest) return;
  if (*peer.arrival_rate <= *peer.sustainable_rate) return;
  const std::string when =
      std::isinf(view.exhaustion_seconds())
          ? ""
          : "; the ports run out in " + duration_in_words(view.exhaustion_seconds());
  findings.add(*peer.sustainable_rate / *peer.arrival_rate,
               view.finding(Severity::kWarning, FindingKind::kArrivalRate,
                            rate_in_words(*peer.arrival_rate) +
                                " connections a second are opened " + view.ends(*peer.tightest) +
                                ", more than the " + rate_in_words(*peer.sustainable_rate) +
                                " that the local ports can sustain" + when + "."));
}

void find_slow_connect(FindingList& findings, const PeerView& view) {
  if (view.peer.headroom.fast > 0 || !view.peer.tightest) return;
  findings.add(view.peer.headroom.effective_ratio(),
               view.finding(Severity::kInfo, FindingKind::kSlowConnect,
                            "connect() " + view.ends(*view.peer.tightest) +
                                " has become slow: no port is left in the half of the range "
                                "that it tries first, and each call searches all of that half in "
                                "vain."));
}

// Each says more than the next would; so only the first of two that have one cause is told.
void find_in_peer(FindingList& findings, const PeerView& view) {
  const bool is_tight = find_headroom(findings, view);
  const bool runs_out = find_exhaustion(findings, view);
  if (!runs_out && !view.is_exhausted()) find_arrival_rate(findings, view);
  if (!is_tight) find_slow_connect(findings, view);
}

// connect() fails no less for a peer whose name is not shown. As of any peer, the tightest pool is
// told, and the one that runs out first.
void find_in_folded(FindingList& findings, const Snapshot& snapshot, const std::string& netns,
                    Clock::time_point now) {
  Peer folded;
  folded.name = kOtherPeers;
  folded.exhaustion_seconds = std::numeric_limits<double>::infinity();
  std::size_t tight_pools = 0;
  for (const Pool& pool : snapshot.pools) {
    if (pool.peer != kOtherPeers) continue;
    if (!folded.tightest) {
      folded.tightest = pool.key;
      folded.headroom = pool.headroom;
      folded.arrival_rate = known_arrival_rate(pool, snapshot);
      folded.sustainable_rate = pool.sustainable_rate;
    }
    folded.exhaustion_seconds = std::min(folded.exhaustion_seconds, pool.exhaustion_seconds);
    if (pool.headroom.effective_ratio() < kHeadroomWarning) ++tight_pools;
  }
  find_in_peer(findings, {.snapshot = snapshot,
                          .peer = folded,
                          .netns = netns,
                          .now = now,
                          .toward = "a peer that is not shown by name",
                          .more_tight_pools = tight_pools == 0 ? 0 : tight_pools - 1});
}

}  // namespace

void find_in_peers(FindingList& findings, const Snapshot& snapshot, const std::string& netns,
                   Clock::time_point now) {
  for (const auto* peers : {&snapshot.configured_peers, &snapshot.discovered_peers}) {
    for (const Peer& peer : *peers) {
      find_in_peer(findings, {snapshot, peer, netns, now});
    }
  }
  find_in_folded(findings, snapshot, netns, now);
}

}  // namespace timewait::analysis
