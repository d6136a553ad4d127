#include "analysis/findings.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
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

std::string concat(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string plural(std::uint64_t count, std::string_view one, std::string_view many) {
  return concat({in_words(count), " ", count == 1 ? one : many});
}

std::string in_namespace(std::string_view netns) {
  return netns.empty() ? "" : concat({" in network namespace ", netns});
}

std::string ends_of(const PoolKey& pool) {
  return concat({"from ", pool.local.to_string(), " to ", pool.remote.to_string()});
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
// ----------------------------------------------------------------------------------------

// Nothing was read, or what was read is another namespace's by now.
void find_no_figures(Findings& findings, const NamespaceState& state) {
  const auto failed =
      std::accumulate(state.health.errors.begin(), state.health.errors.end(), std::uint64_t{0});
  const bool ever_succeeded = state.health.polls > failed;
  findings.add(0, {ever_succeeded ? Severity::kWarning : Severity::kCritical, FindingKind::kPoll,
                   state.name, std::nullopt, std::nullopt,
                   ever_succeeded
                       ? concat({"Network namespace ", state.name,
                                 " is gone or cannot be entered any more, so there are no figures "
                                 "of it; the exporter's log says why."})
                       : concat({"No poll", in_namespace(state.name),
                                 " has succeeded yet, so nothing is known of its connections and "
                                 "ports; the exporter's log says why."})});
}

void find_old_figures(Findings& findings, const NamespaceState& state, const PollSpacing& spacing,
                      Clock::time_point now) {
  const Clock::duration age = now - state.snapshot->forecast_from;
  const bool is_blind = age > kBlindAfter &&
                        age > std::max(spacing.actual, spacing.configured) * kBlindAfterIntervals;
  if (state.health.last_poll_succeeded && !is_blind) return;
  const std::string old = duration_in_words(std::chrono::duration<double>(age).count()) + " old";
  findings.add(
      0, {is_blind ? Severity::kCritical : Severity::kWarning, FindingKind::kPoll, state.name,
          std::nullopt, std::nullopt,
          state.health.last_poll_succeeded
              ? concat({"The figures", in_namespace(state.name), " are ", old,
                        ": no poll has ended since."})
              : concat({"The last poll", in_namespace(state.name), " failed and the figures are ",
                        old, "; the exporter's log says why."})});
}

// --- Peers
// ----------------------------------------------------------------------------------------

// What is asked about one peer.
struct PeerView {
  const Snapshot& snapshot;
  const Peer& peer;
  const std::string& netns;
  double exhaustion_seconds;  // from now on

  Finding finding(Severity severity, FindingKind kind,
                  std::initializer_list<std::string_view> text) const {
    return {severity,     kind,
            netns,        peer.name,
            std::nullopt, concat({"Toward ", peer.name, in_namespace(netns), concat(text)})};
  }
};

bool find_headroom(Findings& findings, const PeerView& view) {
  const Headroom& headroom = view.peer.headroom;
  const double left = headroom.effective_ratio();
  if (left >= kHeadroomWarning || !view.peer.tightest) return false;
  const std::string pool = ends_of(*view.peer.tightest);
  if (headroom.free_ports() == 0) {
    findings.add(left, view.finding(Severity::kCritical, FindingKind::kHeadroom,
                                    {", no local port is left ", pool,
                                     ": connect() fails with \"Cannot assign requested address\" "
                                     "until one comes back."}));
    return true;
  }
  findings.add(
      left,
      view.finding(left < kHeadroomCritical ? Severity::kCritical : Severity::kWarning,
                   FindingKind::kHeadroom,
                   {", ", percent(left), " of the local ports are left (",
                    in_words(headroom.free_ports()), " of ", in_words(headroom.capacity), " ", pool,
                    "); when none is, connect() fails with \"Cannot assign "
                    "requested address\"."}));
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

std::string why_exhausted(const Pool& pool) {
  const std::string rate =
      concat({rate_in_words(pool.arrival_rate), " new connections a second ", ends_of(pool.key)});
  if (pool.arrival_rate > pool.sustainable_rate) {
    return concat({rate, ", where ", rate_in_words(pool.sustainable_rate), " can be sustained"});
  }
  return rate + ", and fewer ports come back";
}

bool find_exhaustion(Findings& findings, const PeerView& view) {
  const double seconds = view.exhaustion_seconds;
  if (seconds > kExhaustionWarningSeconds) return false;
  const Pool* const pool = first_exhausted(view.snapshot, view.peer);
  if (pool == nullptr || pool->headroom.free_ports() == 0) return false;
  findings.add(seconds, view.finding(seconds <= kExhaustionCriticalSeconds ? Severity::kCritical
                                                                           : Severity::kWarning,
                                     FindingKind::kExhaustion,
                                     {", the local ports run out in ", duration_in_words(seconds),
                                      " if it goes on like this: ", why_exhausted(*pool), "."}));
  return true;
}

void find_arrival_rate(Findings& findings, const PeerView& view) {
  const Peer& peer = view.peer;
  if (!peer.arrival_rate || !peer.sustainable_rate || !peer.tightest) return;
  if (*peer.arrival_rate <= *peer.sustainable_rate) return;
  const std::string when =
      std::isinf(view.exhaustion_seconds)
          ? "."
          : concat({"; the ports run out in ", duration_in_words(view.exhaustion_seconds), "."});
  findings.add(*peer.sustainable_rate / *peer.arrival_rate,
               view.finding(Severity::kWarning, FindingKind::kArrivalRate,
                            {", ", rate_in_words(*peer.arrival_rate),
                             " connections a second are opened ", ends_of(*peer.tightest),
                             ", more than the ", rate_in_words(*peer.sustainable_rate),
                             " that the local ports can sustain", when}));
}

void find_slow_connect(Findings& findings, const PeerView& view) {
  if (view.peer.headroom.fast > 0 || !view.peer.tightest) return;
  findings.add(view.peer.headroom.effective_ratio(),
               view.finding(Severity::kInfo, FindingKind::kSlowConnect,
                            {", connect() has become slow: no port is left in the half of the "
                             "range that it tries first, and each call searches all of that half "
                             "in vain."}));
}

// Each says more than the next would; so only the first of two that have one cause is told.
void find_in_peer(Findings& findings, const PeerView& view) {
  const bool is_tight = find_headroom(findings, view);
  const bool runs_out = find_exhaustion(findings, view);
  if (!runs_out && view.peer.headroom.free_ports() > 0) find_arrival_rate(findings, view);
  if (!is_tight) find_slow_connect(findings, view);
}

// What no peer can help: then it is said once, and not for each.
bool find_no_ports(Findings& findings, const Snapshot& snapshot, const std::string& netns) {
  if (snapshot.ephemeral_ports >
      snapshot.ephemeral_ports_reserved + snapshot.ephemeral_ports_bound) {
    return false;
  }
  findings.add(0, {Severity::kCritical, FindingKind::kHeadroom, netns, std::nullopt, std::nullopt,
                   concat({"No connection can be opened", in_namespace(netns), ": all ",
                           in_words(snapshot.ephemeral_ports),
                           " ports of the ephemeral range are reserved or held by bind()."})});
  return true;
}

// --- Listeners and the rest
// -----------------------------------------------------------------------

void find_accept_queue(Findings& findings, const Listener& listener, const std::string& netns) {
  if (!listener.accept_queue_limit || listener.exporter || listener.accept_queue == 0) return;
  const std::uint32_t queue = listener.accept_queue;
  const std::uint32_t limit = *listener.accept_queue_limit;
  const double free_share = limit == 0 ? 0 : 1 - double(queue) / limit;
  if (free_share >= 1 - kAcceptQueueShare) return;
  const bool is_full = queue >= limit;
  const std::string waiting = concat({in_words(queue), " of ", in_words(limit)});
  findings.add(
      free_share,
      {is_full ? Severity::kCritical : Severity::kWarning, FindingKind::kAcceptQueue, netns,
       std::nullopt, listener.name,
       is_full ? concat({"The accept queue of ", listener.name, in_namespace(netns), " is full (",
                         waiting,
                         " connections wait): the kernel turns new ones away until the program "
                         "calls accept()."})
               : concat({"The accept queue of ", listener.name, in_namespace(netns),
                         " is nearly full (", waiting,
                         " connections wait): the program calls accept() too rarely."})});
}

// Programs whose ports the kernel chose are legion on some hosts, hence one finding for all.
void find_ephemeral_listeners(Findings& findings, const Snapshot& snapshot,
                              const std::string& netns) {
  std::vector<std::string> found;
  const Listener* first = nullptr;
  for (const Listener& listener : snapshot.listeners) {
    if (listener.exporter || listener.unreserved_ephemeral_ports.empty()) continue;
    if (found.empty()) first = &listener;
    found.push_back(listener.name);
  }
  if (found.empty()) return;
  if (found.size() == 1) {
    const std::string port = std::to_string(first->unreserved_ephemeral_ports.front());
    findings.add(
        0, {Severity::kInfo, FindingKind::kEphemeralListener, netns, std::nullopt, first->name,
            concat({first->name, in_namespace(netns), " listens on port ", port,
                    " of the ephemeral range: while it is stopped, an outbound connection "
                    "may take that port and keep it from starting again, unless "
                    "net.ipv4.ip_local_reserved_ports has it."})});
    return;
  }
  std::string names;
  for (std::size_t i = 0; i < std::min(found.size(), kNamesInASentence); ++i) {
    names += concat({i == 0 ? "" : ", ", found[i]});
  }
  if (found.size() > kNamesInASentence) {
    names += concat({" and ", in_words(found.size() - kNamesInASentence), " more"});
  }
  findings.add(0,
               {Severity::kInfo, FindingKind::kEphemeralListener, netns, std::nullopt, std::nullopt,
                concat({in_words(found.size()), " listeners", in_namespace(netns),
                        " are on ports of the ephemeral range (", names,
                        "): while one is stopped, an outbound connection may take its port and "
                        "keep it from starting again, unless net.ipv4.ip_local_reserved_ports "
                        "has it."})});
}

void find_time_wait_limit(Findings& findings, const Snapshot& snapshot, const std::string& netns) {
  if (!snapshot.settings.max_tw_buckets || *snapshot.settings.max_tw_buckets == 0) return;
  const std::uint64_t limit = *snapshot.settings.max_tw_buckets;
  const double share = double(snapshot.time_wait_sockets) / double(limit);
  if (share <= kTimeWaitLimitShare) return;
  findings.add(1 - share,
               {Severity::kWarning, FindingKind::kTimeWaitLimit, netns, std::nullopt, std::nullopt,
                concat({in_words(snapshot.time_wait_sockets), " sockets", in_namespace(netns),
                        " are in TIME_WAIT and the kernel keeps at most ", in_words(limit),
                        " (net.ipv4.tcp_max_tw_buckets): beyond that it closes connections "
                        "without the protection of TIME_WAIT."})});
}

void find_folded_peers(Findings& findings, const Snapshot& snapshot, const std::string& netns) {
  if (!snapshot.other || snapshot.max_discovered_peers == 0) return;  // with 0 it was asked for
  const std::uint32_t sockets = snapshot.other->sockets.total();
  if (sockets == 0) return;
  findings.add(
      0,
      {Severity::kInfo, FindingKind::kFoldedPeers, netns, std::nullopt, std::nullopt,
       concat({plural(sockets, "outbound socket belongs", "outbound sockets belong"),
               in_namespace(netns), " to peers that are not shown by name, because the limit of ",
               plural(snapshot.max_discovered_peers, "discovered peer", "discovered peers"),
               " is reached (discovery.max_peers)."})});
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
    for (const auto* peers : {&snapshot.configured_peers, &snapshot.discovered_peers}) {
      for (const Peer& peer : *peers) {
        find_in_peer(findings, {snapshot, peer, state.name,
                                seconds_left(peer.exhaustion_seconds, snapshot, now)});
      }
    }
  }
  for (const Listener& listener : snapshot.listeners) {
    find_accept_queue(findings, listener, state.name);
  }
  find_ephemeral_listeners(findings, snapshot, state.name);
  find_time_wait_limit(findings, snapshot, state.name);
  find_folded_peers(findings, snapshot, state.name);
}

void find_in_exporter(Findings& findings, const ExporterState& state) {
  const auto add = [&](FindingKind kind, std::string text) {
    findings.add(0, {Severity::kWarning, kind, "", std::nullopt, std::nullopt, std::move(text)});
  };
  if (!state.config.last_reload_succeeded) {
    add(FindingKind::kReload,
        "The last reload of the configuration failed, so the one before is still in force; the "
        "exporter's log says what is wrong with the new one.");
  }
  for (const HostHealth& host : state.hosts) {
    if (host.resolved) continue;
    add(FindingKind::kHostName,
        concat({"The host name ", host.name, " does not resolve, so ",
                host.addresses == 0 ? "no connection is counted as one to it"
                                    : concat({"the last answer still holds: ",
                                              plural(host.addresses, "address", "addresses")}),
                "."}));
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
