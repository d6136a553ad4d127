#include "analysis/findings.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>

#include "analysis/finding_list.h"
#include "analysis/peer_findings.h"
#include "analysis/wording.h"

namespace timewait::analysis {
namespace {

constexpr double kTimeWaitLimitShare = 0.9;
constexpr double kAcceptQueueShare = 0.8;
constexpr double kBoundShare = 0.1;
// A pool of idle connections that is seldom looked at has fewer that the other side has closed. The
// alert, which cannot tell sockets apart, waits for more of them, and for longer.
constexpr std::uint32_t kLastingCloseWaits = 20;
constexpr std::chrono::seconds kBlindAfter{60};  // and as many intervals:
constexpr int kBlindAfterIntervals = 10;
constexpr std::size_t kNamesInASentence = 3;

using Clock = std::chrono::steady_clock;

// --- Polls

// A namespace that was configured beside the exporter's own may well not be there yet.
FindingKind kind_for_polls(const NamespaceState& state) {
  return state.name.empty() ? FindingKind::kPoll : FindingKind::kNamespace;
}

Severity severity_for_polls(const NamespaceState& state, bool is_blind) {
  return is_blind && state.name.empty() ? Severity::kCritical : Severity::kWarning;
}

// What follows a sentence, before its period.
std::string reason(const NamespaceState& state) {
  return state.failure ? ": " + state.failure->message : "";
}

// Nothing was read, or what was read is another namespace's by now.
void find_no_figures(FindingList& findings, const NamespaceState& state) {
  const PollHealth& health = state.health;
  const auto failed = std::accumulate(health.errors.begin(), health.errors.end(), std::uint64_t{0});
  const bool ever_succeeded = health.polls > failed;
  findings.add(
      0, {.severity = severity_for_polls(state, !ever_succeeded),
          .kind = kind_for_polls(state),
          .netns = state.name,
          .text = ever_succeeded ? "Network namespace " + isolated(state.name) +
                                       " is gone or cannot be entered any more, so there are no "
                                       "figures of it" +
                                       reason(state) + "."
                                 : "No poll" + in_namespace(state.name) +
                                       " has succeeded yet, so nothing is known of its connections "
                                       "and ports" +
                                       reason(state) + "."});
}

void find_old_figures(FindingList& findings, const NamespaceState& state,
                      const PollSpacing& spacing, Clock::time_point now) {
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
                               reason(state) + "."
                         : "The figures" + where + " are " + old + ": no poll has ended since."});
}

// --- Listeners

// The kernel hands each connection to one of the sockets; if that one's queue is full, room in the
// others does not help.
void find_accept_queue(FindingList& findings, const Listener& listener, const std::string& netns) {
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

// Connections of one name.
struct Connections {
  const SocketGroup& group;
  std::string whose;  // in a sentence
  std::string other_side;
  std::optional<std::string> peer{};
  std::optional<std::string> listener{};
};

void find_close_wait(FindingList& findings, const Connections& connections,
                     const std::string& netns) {
  const std::uint32_t lasting = connections.group.lasting_close_waits;
  if (lasting < kLastingCloseWaits) return;
  findings.add(-double(lasting),
               {.severity = Severity::kWarning,
                .kind = FindingKind::kCloseWait,
                .netns = netns,
                .peer = connections.peer,
                .listener = connections.listener,
                .text = in_words(lasting) + " connections " + connections.whose +
                        in_namespace(netns) + " stay in CLOSE_WAIT: " + connections.other_side +
                        " has closed them, and the program here does not."});
}

void find_close_waits(FindingList& findings, const Snapshot& snapshot, const std::string& netns) {
  for (const auto* peers : {&snapshot.configured_peers, &snapshot.discovered_peers}) {
    for (const Peer& peer : *peers) {
      find_close_wait(findings,
                      {.group = peer.group,
                       .whose = "to " + isolated(peer.name),
                       .other_side = "the peer",
                       .peer = peer.name},
                      netns);
    }
  }
  if (snapshot.other) {
    find_close_wait(findings,
                    {.group = *snapshot.other,
                     .whose = "to peers that are not shown by name",
                     .other_side = "the peer",
                     .peer = std::string(kOtherPeers)},
                    netns);
  }
  for (const Listener& listener : snapshot.listeners) {
    find_close_wait(findings,
                    {.group = listener.group,
                     .whose = "that " + isolated(listener.name) + " accepted",
                     .other_side = "the client",
                     .listener = listener.name},
                    netns);
  }
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
void find_ephemeral_listeners(FindingList& findings, const Snapshot& snapshot,
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

// What no peer can help: then it is said once, and not for each.
bool find_no_ports(FindingList& findings, const Snapshot& snapshot, const std::string& netns) {
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

void find_time_wait_limit(FindingList& findings, const Snapshot& snapshot,
                          const std::string& netns) {
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

// They are missing in every pool at once.
void find_bound_ports(FindingList& findings, const Snapshot& snapshot, const std::string& netns) {
  const std::uint32_t usable = snapshot.ephemeral_ports - snapshot.ephemeral_ports_reserved;
  const std::uint32_t bound = snapshot.ephemeral_ports_bound;
  if (double(bound) <= kBoundShare * double(usable)) return;
  findings.add(0, {.severity = Severity::kWarning,
                   .kind = FindingKind::kBoundPorts,
                   .netns = netns,
                   .text = in_words(bound) + " of " + in_words(usable) +
                           " usable ports of the ephemeral range" + in_namespace(netns) +
                           " are held by bind(), and connect() skips them whatever the "
                           "destination."});
}

void find_folded_peers(FindingList& findings, const Snapshot& snapshot, const std::string& netns) {
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

void find_in_namespace(FindingList& findings, const NamespaceState& state,
                       const PollSpacing& spacing, Clock::time_point now) {
  if (!state.snapshot) {
    find_no_figures(findings, state);
    return;
  }
  find_old_figures(findings, state, spacing, now);
  const Snapshot& snapshot = *state.snapshot;
  if (!find_no_ports(findings, snapshot, state.name)) {
    find_in_peers(findings, snapshot, state.name, now);
    find_bound_ports(findings, snapshot, state.name);
  }
  for (const Listener& listener : snapshot.listeners) {
    find_accept_queue(findings, listener, state.name);
  }
  find_close_waits(findings, snapshot, state.name);
  find_ephemeral_listeners(findings, snapshot, state.name);
  find_time_wait_limit(findings, snapshot, state.name);
  find_folded_peers(findings, snapshot, state.name);
}

// --- The exporter

void find_in_exporter(FindingList& findings, const ExporterState& state) {
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
  FindingList findings;
  for (const NamespaceState& each : state.namespaces) {
    find_in_namespace(findings, each, state.spacing, now);
  }
  find_in_exporter(findings, state);
  return std::move(findings).take();
}

}  // namespace timewait::analysis
