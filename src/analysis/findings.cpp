#include "analysis/findings.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "analysis/wording.h"

namespace timewait::analysis {
namespace {

constexpr double kHeadroomCritical = 0.1;
constexpr double kHeadroomWarning = 0.2;
constexpr double kExhaustionCriticalSeconds = 60;
constexpr double kExhaustionWarningSeconds = 15 * 60;
constexpr double kTimeWaitLimitShare = 0.9;
constexpr double kAcceptQueueShare = 0.8;
constexpr std::chrono::seconds kBlindAfter{60};  // and as many intervals:
constexpr int kBlindAfterIntervals = 10;
constexpr std::size_t kNamesInASentence = 3;

using Clock = std::chrono::steady_clock;

std::string plural(std::uint64_t count, const std::string& one, const std::string& many) {
  return in_words(count) + " " + (count == 1 ? one : many);
}

std::string in_namespace(const std::string& netns) {
  return netns.empty() ? "" : " in network namespace " + isolated(netns);
}

std::string ends_of(const PoolKey& pool) {
  return "from " + pool.local.to_string() + " to " + pool.remote.to_string();
}

// Collects the findings of one poll of all namespaces.
class Findings {
 public:
  // `margin`: the less, the more urgent among those of one severity and kind.
  void add(double margin, Finding finding) { found_.emplace_back(margin, std::move(finding)); }

  std::vector<Finding> take() && {
    std::stable_sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
      return std::tuple(a.second.severity, a.second.kind, a.first) <
             std::tuple(b.second.severity, b.second.kind, b.first);
    });
    std::vector<Finding> findings;
    findings.reserve(found_.size());
    for (auto& [margin, finding] : found_) findings.push_back(std::move(finding));
    return findings;
  }

 private:
  std::vector<std::pair<double, Finding>> found_;
};

// --- Polls

// A namespace that was configured beside the exporter's own may well not be there yet.
FindingKind kind_for_polls(const NamespaceState& state) {
  return state.name.empty() ? FindingKind::kPoll : FindingKind::kNamespace;
}

Severity severity_for_polls(const NamespaceState& state, bool is_blind) {
  return is_blind && state.name.empty() ? Severity::kCritical : Severity::kWarning;
}

// Nothing was read, or what was read is another namespace's by now.
void find_no_figures(Findings& findings, const NamespaceState& state) {
  const PollHealth& health = state.health;
  const auto failed = std::accumulate(health.errors.begin(), health.errors.end(), std::uint64_t{0});
  const bool ever_succeeded = health.polls > failed;
  findings.add(
      0, {.severity = severity_for_polls(state, !ever_succeeded),
          .kind = kind_for_polls(state),
          .netns = state.name,
          .text = ever_succeeded ? "Network namespace " + isolated(state.name) +
                                       " is gone or cannot be entered any more, so there are no "
                                       "figures of it; the exporter's log says why."
                                 : "No poll" + in_namespace(state.name) +
                                       " has succeeded yet, so nothing is known of its connections "
                                       "and ports; the exporter's log says why."});
}

void find_old_figures(Findings& findings, const NamespaceState& state, const PollSpacing& spacing,
                      Clock::time_point now) {
  const std::chrono::duration<double> age = now - state.snapshot->forecast_from;
  const bool is_blind = age > kBlindAfter &&
                        age > std::max(spacing.actual, spacing.configured) * kBlindAfterIntervals;
  const bool failed = !state.health.last_poll_succeeded;
  if (!failed && !is_blind) return;
  const std::string old = duration_in_words(age.count()) + " old";
  const std::string where = in_namespace(state.name);
  findings.add(
      0, {.severity = severity_for_polls(state, is_blind),
          .kind = kind_for_polls(state),
          .netns = state.name,
          .text = failed ? "The last poll" + where + " failed and the figures are " + old +
                               "; the exporter's log says why."
                         : "The figures" + where + " are " + old + ": no poll has ended since."});
}

// --- Peers

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

  Finding finding(Severity severity, FindingKind kind, const std::string& text) const {
    return {.severity = severity,
            .kind = kind,
            .netns = netns,
            .peer = peer.name,
            .text = "Toward " + toward + in_namespace(netns) + ", " + text};
  }
};

bool find_headroom(Findings& findings, const PeerView& view) {
  const Headroom& headroom = view.peer.headroom;
  const double left = headroom.effective_ratio();
  if (left >= kHeadroomWarning || !view.peer.tightest) return false;
  const std::string pool = ends_of(*view.peer.tightest);
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

// The pool that the peer's forecast is of.
const Pool* first_exhausted(const Snapshot& snapshot, const Peer& peer) {
  const auto found =
      std::find_if(snapshot.pools.begin(), snapshot.pools.end(), [&](const Pool& pool) {
        return pool.peer == peer.name && pool.exhaustion_seconds == peer.exhaustion_seconds;
      });
  return found == snapshot.pools.end() ? nullptr : &*found;
}

std::string why_exhausted(const Pool& pool, bool is_known) {
  const std::string rate = (is_known ? "" : "at least ") + rate_in_words(pool.arrival_rate) +
                           " new connections a second " + ends_of(pool.key);
  if (pool.arrival_rate <= pool.sustainable_rate) return rate + ", and fewer ports come back";
  return rate + ", where " + rate_in_words(pool.sustainable_rate) + " can be sustained";
}

bool find_exhaustion(Findings& findings, const PeerView& view) {
  const double seconds = view.exhaustion_seconds();
  if (seconds > kExhaustionWarningSeconds) return false;
  const Pool* const pool = first_exhausted(view.snapshot, view.peer);
  if (pool == nullptr || pool->headroom.free_ports() == 0) return false;
  const std::string why =
      why_exhausted(*pool, known_arrival_rate(*pool, view.snapshot).has_value());
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

void find_arrival_rate(Findings& findings, const PeerView& view) {
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
                                " connections a second are opened " + ends_of(*peer.tightest) +
                                ", more than the " + rate_in_words(*peer.sustainable_rate) +
                                " that the local ports can sustain" + when + "."));
}

void find_slow_connect(Findings& findings, const PeerView& view) {
  if (view.peer.headroom.fast > 0 || !view.peer.tightest) return;
  findings.add(view.peer.headroom.effective_ratio(),
               view.finding(Severity::kInfo, FindingKind::kSlowConnect,
                            "connect() " + ends_of(*view.peer.tightest) +
                                " has become slow: no port is left in the half of the range "
                                "that it tries first, and each call searches all of that half in "
                                "vain."));
}

// Each says more than the next would; so only the first of two that have one cause is told.
void find_in_peer(Findings& findings, const PeerView& view) {
  const bool is_tight = find_headroom(findings, view);
  const bool runs_out = find_exhaustion(findings, view);
  if (!runs_out && !view.is_exhausted()) find_arrival_rate(findings, view);
  if (!is_tight) find_slow_connect(findings, view);
}

// What no peer can help: then it is said once, and not for each.
bool find_no_ports(Findings& findings, const Snapshot& snapshot, const std::string& netns) {
  if (snapshot.ephemeral_ports >
      snapshot.ephemeral_ports_reserved + snapshot.ephemeral_ports_bound) {
    return false;
  }
  findings.add(0, {.severity = Severity::kCritical,
                   .kind = FindingKind::kHeadroom,
                   .netns = netns,
                   .text = "No connection can be opened" + in_namespace(netns) + ": all " +
                           in_words(snapshot.ephemeral_ports) +
                           " ports of the ephemeral range are reserved or held by bind()."});
  return true;
}

void find_in_peers(Findings& findings, const Snapshot& snapshot, const std::string& netns,
                   Clock::time_point now) {
  for (const auto* peers : {&snapshot.configured_peers, &snapshot.discovered_peers}) {
    for (const Peer& peer : *peers) {
      find_in_peer(findings, {snapshot, peer, netns, now});
    }
  }
}

// connect() fails no less for a peer whose name is not shown. As of any peer, the tightest pool is
// told, and the one that runs out first.
void find_in_folded(Findings& findings, const Snapshot& snapshot, const std::string& netns,
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

// --- Listeners

// The kernel hands each connection to one of the sockets; if that one's queue is full, room in the
// others does not help.
void find_accept_queue(Findings& findings, const Listener& listener, const std::string& netns) {
  if (!listener.fullest_queue || listener.fullest_queue->share() <= kAcceptQueueShare) return;
  const AcceptQueue& queue = *listener.fullest_queue;
  const std::string which =
      listener.listening_sockets > 1
          ? "One of the " + in_words(listener.listening_sockets) + " accept queues"
          : "The accept queue";
  const std::string waiting = plural(queue.waiting, "connection waits", "connections wait");
  const std::string limit = in_words(queue.limit);
  const std::string state =
      queue.is_full() ? "full (" + waiting + ", more than its limit of " + limit +
                            "): the kernel turns new ones away until the program calls accept()."
                      : "nearly full (" + waiting + ", its limit is " + limit +
                            "): the program calls accept() too rarely.";
  findings.add(
      1 - queue.share(),
      {.severity = queue.is_full() ? Severity::kCritical : Severity::kWarning,
       .kind = FindingKind::kAcceptQueue,
       .netns = netns,
       .listener = listener.name,
       .text = which + " of " + isolated(listener.name) + in_namespace(netns) + " is " + state});
}

// "a, b, c and 2 more".
std::string names_in_words(const std::vector<const Listener*>& listeners) {
  std::string names = isolated(listeners.front()->name);
  for (std::size_t i = 1; i < std::min(listeners.size(), kNamesInASentence); ++i) {
    names += ", " + isolated(listeners[i]->name);
  }
  if (listeners.size() <= kNamesInASentence) return names;
  return names + " and " + in_words(listeners.size() - kNamesInASentence) + " more";
}

// Programs whose ports the kernel chose are legion on some hosts, hence one finding for all.
void find_ephemeral_listeners(Findings& findings, const Snapshot& snapshot,
                              const std::string& netns) {
  std::vector<const Listener*> found;
  for (const Listener& listener : snapshot.listeners) {
    if (listener.exporter || listener.unreserved_ephemeral_ports.empty()) continue;
    found.push_back(&listener);
  }
  if (found.empty()) return;
  const bool is_one = found.size() == 1;
  const std::string where =
      is_one
          ? isolated(found[0]->name) + in_namespace(netns) + " listens on port " +
                std::to_string(found[0]->unreserved_ephemeral_ports[0]) + " of the ephemeral range"
          : in_words(found.size()) + " listeners" + in_namespace(netns) +
                " are on ports of the ephemeral range (" + names_in_words(found) + ")";
  Finding finding{.severity = Severity::kInfo,
                  .kind = FindingKind::kEphemeralListener,
                  .netns = netns,
                  .text = where + ": while " + (is_one ? "it" : "one") +
                          " is stopped, an outbound connection may take its port and keep it from "
                          "starting again, unless net.ipv4.ip_local_reserved_ports has it."};
  if (is_one) finding.listener = found[0]->name;
  findings.add(0, std::move(finding));
}

// --- The rest of a namespace

void find_time_wait_limit(Findings& findings, const Snapshot& snapshot, const std::string& netns) {
  if (!snapshot.settings.max_tw_buckets) return;
  const std::uint64_t limit = *snapshot.settings.max_tw_buckets;
  const bool is_near = double(snapshot.time_wait_sockets) > kTimeWaitLimitShare * double(limit);
  if (!is_near && !snapshot.time_wait_overflows) return;
  const std::string sockets = in_words(snapshot.time_wait_sockets) + " of at most " +
                              in_words(limit) + " TIME_WAIT sockets are there" +
                              in_namespace(netns) + " (net.ipv4.tcp_max_tw_buckets)";
  findings.add(0, {.severity = Severity::kWarning,
                   .kind = FindingKind::kTimeWaitLimit,
                   .netns = netns,
                   .text = snapshot.time_wait_overflows
                               ? sockets + ", and the kernel closes more connections without the "
                                           "protection of TIME_WAIT; as long as it does, how many "
                                           "are opened a second is not known."
                               : sockets + ": beyond that the kernel closes connections without "
                                           "the protection of TIME_WAIT."});
}

void find_folded_peers(Findings& findings, const Snapshot& snapshot, const std::string& netns) {
  if (!snapshot.other || snapshot.max_discovered_peers == 0) return;  // with 0 it was asked for
  const std::uint32_t sockets = snapshot.other->sockets.total();
  if (sockets == 0) return;
  findings.add(
      0,
      {.severity = Severity::kInfo,
       .kind = FindingKind::kFoldedPeers,
       .netns = netns,
       .text = plural(sockets, "outbound socket belongs", "outbound sockets belong") +
               in_namespace(netns) + " to peers that are not shown by name, because the limit of " +
               plural(snapshot.max_discovered_peers, "discovered peer", "discovered peers") +
               " is reached (discovery.max_peers)."});
}

void find_in_namespace(Findings& findings, const NamespaceState& state, const PollSpacing& spacing,
                       Clock::time_point now) {
  if (!state.snapshot) {
    find_no_figures(findings, state);
    return;
  }
  find_old_figures(findings, state, spacing, now);
  const Snapshot& snapshot = *state.snapshot;
  if (!find_no_ports(findings, snapshot, state.name)) {
    find_in_peers(findings, snapshot, state.name, now);
    find_in_folded(findings, snapshot, state.name, now);
  }
  for (const Listener& listener : snapshot.listeners) {
    find_accept_queue(findings, listener, state.name);
  }
  find_ephemeral_listeners(findings, snapshot, state.name);
  find_time_wait_limit(findings, snapshot, state.name);
  find_folded_peers(findings, snapshot, state.name);
}

// --- The exporter

void find_in_exporter(Findings& findings, const ExporterState& state) {
  if (!state.config.is_good()) {
    findings.add(0, {.severity = Severity::kWarning,
                     .kind = FindingKind::kReload,
                     .text = "The last reload of the configuration failed, so the one before is "
                             "still in force; the exporter's log says what is wrong with the new "
                             "one."});
  }
  for (const HostHealth& host : state.hosts) {
    if (host.resolved) continue;
    findings.add(0, {.severity = Severity::kWarning,
                     .kind = FindingKind::kHostName,
                     .text = "The host name " + host.name + " does not resolve, so " +
                             (host.addresses == 0
                                  ? "no connection is counted as one to it."
                                  : "the last answer still holds: " +
                                        plural(host.addresses, "address", "addresses") + ".")});
  }
}

}  // namespace

std::vector<Finding> findings_of(const ExporterState& state, Clock::time_point now) {
  Findings findings;
  for (const NamespaceState& each : state.namespaces) {
    find_in_namespace(findings, each, state.spacing, now);
  }
  find_in_exporter(findings, state);
  return std::move(findings).take();
}

}  // namespace timewait::analysis
