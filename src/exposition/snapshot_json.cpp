#include "exposition/snapshot_json.h"

#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "analysis/findings.h"
#include "analysis/history.h"
#include "inet/tcp_state.h"
#include "reading/read_failure.h"

namespace timewait::exposition {
namespace {

using Json = nlohmann::ordered_json;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr int kSchemaVersion = 1;

// --- Values

// The parts of 1 that are told apart: as many as a reader has a use for.
constexpr double kTenths = 10;
constexpr double kThousandths = 1'000;
constexpr double kTenThousandths = 10'000;
constexpr double kMillionths = 1'000'000;

// What JSON has no number for, infinity above all, will be written as null.
Json number(double value, double parts) { return std::round(value * parts) / parts; }

Json ratio(double value) { return number(value, kMillionths); }
Json rate(double per_second) { return number(per_second, kThousandths); }

template <typename Rep, typename Period>
Json seconds(std::chrono::duration<Rep, Period> duration) {
  return number(std::chrono::duration<double>(duration).count(), kThousandths);
}

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json rate_or_null(const std::optional<double>& per_second) {
  return per_second ? rate(*per_second) : Json(nullptr);
}

Json unix_time(std::chrono::system_clock::time_point moment) {
  return seconds(moment.time_since_epoch());
}

// Moments are told from how long ago they are, so they never run backwards, whatever becomes of the
// wall clock.
Json moment(SteadyTime when, const Input& input) {
  const auto age =
      std::chrono::duration_cast<std::chrono::system_clock::duration>(input.now - when);
  return unix_time(input.written_at - age);
}

Json array_of(std::size_t size) {
  Json array = Json::array();
  array.get_ref<Json::array_t&>().reserve(size);
  return array;
}

// --- Sockets, ports, pools

Json sockets_json(const analysis::SocketGroup& group) {
  Json sockets = Json::object();
  for (const inet::TcpState state : inet::kConnectionStates) {
    if (group.shows(state)) sockets[std::string(inet::name_of(state))] = group.sockets[state];
  }
  return sockets;
}

// Of a pool, whose states nobody remembers.
Json sockets_json(const analysis::StateCounts& counts) {
  analysis::SocketGroup group;
  group.sockets = counts;
  for (const inet::TcpState state : inet::kConnectionStates) {
    group.states_seen.set(inet::index_of(state), counts[state] > 0);
  }
  return sockets_json(group);
}

void add_ports(Json& json, const analysis::Headroom& headroom) {
  Json ports = Json::object();
  ports["capacity"] = headroom.capacity;
  ports["used"] = headroom.used;
  ports["reusable"] = headroom.reusable;
  ports["free"] = headroom.free_ports();
  ports["free_fast"] = headroom.fast;
  json["ports"] = std::move(ports);
  json["headroom_ratio"] = ratio(headroom.ratio());
  json["effective_headroom_ratio"] = ratio(headroom.effective_ratio());
}

Json key_json(const analysis::PoolKey& key) {
  Json json = Json::object();
  json["local_address"] = key.local.to_string();
  json["remote_address"] = key.remote.address.to_string();
  json["remote_port"] = key.remote.port;
  json["zone"] = key.zone;
  return json;
}

Json pool_json(const analysis::Pool& pool, const std::optional<double>& arrival_rate,
               double exhaustion_seconds) {
  Json json = key_json(pool.key);
  json["peer"] = pool.peer;
  json["sockets"] = sockets_json(pool.sockets);
  add_ports(json, pool.headroom);
  json["arrivals_per_second"] = rate_or_null(arrival_rate);
  json["sustainable_per_second"] = rate(pool.sustainable_rate);
  json["exhaustion_seconds"] = number(exhaustion_seconds, kThousandths);
  json["time_wait_ages"] = pool.time_wait_ages.entered;
  json["time_wait_overdue"] = pool.time_wait_ages.overdue;
  return json;
}

Json peer_json(const analysis::Peer& peer, bool configured, double exhaustion_seconds) {
  Json json = Json::object();
  json["name"] = peer.name;
  json["configured"] = configured;
  json["sockets"] = sockets_json(peer.group);
  json["time_wait_entered_total"] = peer.group.time_wait_entered;
  json["pools"] = peer.pools;
  json["tightest_pool"] = peer.tightest ? key_json(*peer.tightest) : Json(nullptr);
  add_ports(json, peer.headroom);
  json["arrivals_per_second"] = rate_or_null(peer.arrival_rate);
  json["sustainable_per_second"] = rate_or_null(peer.sustainable_rate);
  json["exhaustion_seconds"] = number(exhaustion_seconds, kThousandths);
  return json;
}

Json peers_json(const analysis::Snapshot& snapshot, SteadyTime now) {
  Json peers = array_of(snapshot.configured_peers.size() + snapshot.discovered_peers.size());
  for (const auto* shown : {&snapshot.configured_peers, &snapshot.discovered_peers}) {
    for (const analysis::Peer& peer : *shown) {
      peers.push_back(peer_json(peer, shown == &snapshot.configured_peers,
                                analysis::seconds_left(peer.exhaustion_seconds, snapshot, now)));
    }
  }
  return peers;
}

Json pools_json(const analysis::Snapshot& snapshot, SteadyTime now) {
  Json pools = array_of(snapshot.pools.size());
  for (const analysis::Pool& pool : snapshot.pools) {
    pools.push_back(pool_json(pool, analysis::known_arrival_rate(pool, snapshot),
                              analysis::seconds_left(pool.exhaustion_seconds, snapshot, now)));
  }
  return pools;
}

Json folded_json(const std::optional<analysis::SocketGroup>& folded) {
  if (!folded) return nullptr;
  Json json = Json::object();
  json["sockets"] = sockets_json(*folded);
  json["time_wait_entered_total"] = folded->time_wait_entered;
  return json;
}

Json listeners_json(const analysis::Snapshot& snapshot) {
  Json listeners = array_of(snapshot.listeners.size());
  for (const analysis::Listener& listener : snapshot.listeners) {
    Json json = Json::object();
    json["name"] = listener.name;
    json["exporter"] = listener.exporter;
    json["sockets"] = sockets_json(listener.group);
    json["time_wait_entered_total"] = listener.group.time_wait_entered;
    json["accept_queue"] = listener.accept_queue;
    json["accept_queue_limit"] = or_null(listener.accept_queue_limit);
    listeners.push_back(std::move(json));
  }
  return listeners;
}

// --- The host

// The names are those of /metrics, without the prefix.
Json counters_json(const reading::TcpCounters& counters) {
  Json json = Json::object();
  json["entered_total"] = or_null(counters.time_wait_entered);
  json["reused_total"] = or_null(counters.time_wait_reused);
  json["overflow_total"] = or_null(counters.time_wait_overflow);
  json["tcp_active_opens_total"] = or_null(counters.active_opens);
  json["tcp_attempt_fails_total"] = or_null(counters.attempt_fails);
  json["listen_overflows_total"] = or_null(counters.listen_overflows);
  json["listen_drops_total"] = or_null(counters.listen_drops);
  return json;
}

Json host_json(const analysis::Snapshot& snapshot) {
  const reading::TcpSettings& settings = snapshot.settings;
  Json ports = Json::object();
  ports["first"] = settings.ephemeral_ports.first;
  ports["last"] = settings.ephemeral_ports.last;
  ports["count"] = snapshot.ephemeral_ports;
  ports["reserved"] = snapshot.ephemeral_ports_reserved;
  ports["bound"] = snapshot.ephemeral_ports_bound;
  Json json = Json::object();
  json["ephemeral_ports"] = std::move(ports);
  json["time_wait_sockets"] = snapshot.time_wait_sockets;
  json["time_wait_sockets_limit"] = or_null(settings.max_tw_buckets);
  json["tcp_tw_reuse"] = or_null(settings.tw_reuse);
  json["tcp_tw_reuse_delay_seconds"] = seconds(settings.tw_reuse_delay);
  json["tcp_timestamps"] = settings.timestamps;
  json["counters"] = counters_json(snapshot.counters);
  return json;
}

// --- History

Json course_json(const analysis::PeerCourse& course) {
  Json headroom = array_of(course.figures.size());
  Json arrivals = array_of(course.figures.size());
  for (const std::optional<analysis::PeerFigures>& figures : course.figures) {
    headroom.push_back(figures ? number(figures->effective_headroom, kTenThousandths)
                               : Json(nullptr));
    arrivals.push_back(figures && figures->arrival_rate ? number(*figures->arrival_rate, kTenths)
                                                        : Json(nullptr));
  }
  Json json = Json::object();
  json["name"] = course.name;
  json["effective_headroom_ratio"] = std::move(headroom);
  json["arrivals_per_second"] = std::move(arrivals);
  return json;
}

Json history_json(const analysis::History& history, const Input& input) {
  Json at = array_of(history.size());
  Json time_waits = array_of(history.size());
  for (const auto& point : history) {
    at.push_back(moment(point->taken_at, input));
    time_waits.push_back(point->time_wait_sockets);
  }
  const std::vector<analysis::PeerCourse> courses = analysis::courses_of(history);
  Json peers = array_of(courses.size());
  for (const analysis::PeerCourse& course : courses) peers.push_back(course_json(course));
  Json json = Json::object();
  json["at"] = std::move(at);
  json["time_wait_sockets"] = std::move(time_waits);
  json["peers"] = std::move(peers);
  return json;
}

// --- Polls, namespaces, the exporter

Json poll_json(const analysis::NamespaceState& state, const Input& input) {
  const analysis::PollHealth& health = state.health;
  const analysis::Snapshot* const snapshot = state.snapshot.get();
  Json errors = Json::object();
  for (std::size_t i = 0; i < health.errors.size(); ++i) {
    if (health.errors[i] == 0) continue;
    errors[std::string(reading::kFailureReasonNames[i])] = health.errors[i];
  }
  Json json = Json::object();
  json["successful"] = health.last_poll_succeeded;
  json["polls"] = health.polls;
  json["errors"] = std::move(errors);
  json["mean_duration_seconds"] =
      health.duration.count == 0
          ? Json(nullptr)
          : number(health.duration.sum_seconds / static_cast<double>(health.duration.count),
                   kMillionths);
  json["last_success_at"] = snapshot ? moment(snapshot->forecast_from, input) : Json(nullptr);
  json["sockets"] = snapshot ? Json(snapshot->sockets_read) : Json(nullptr);
  json["source"] = snapshot ? Json(snapshot->source) : Json(nullptr);
  json["lists_bound_sockets"] = snapshot ? Json(snapshot->lists_bound_sockets) : Json(nullptr);
  json["audit"] = nullptr;
  if (health.audit) {
    Json audit = Json::object();
    audit["successful"] = health.audit->last_succeeded;
    audit["probes"] = health.audit->probes;
    json["audit"] = std::move(audit);
  }
  return json;
}

Json namespace_json(const analysis::NamespaceState& state, const Input& input) {
  const analysis::Snapshot* const snapshot = state.snapshot.get();
  Json json = Json::object();
  json["name"] = state.name;
  json["poll"] = poll_json(state, input);
  json["host"] = snapshot ? host_json(*snapshot) : Json(nullptr);
  json["peers"] = snapshot ? peers_json(*snapshot, input.now) : Json::array();
  json["folded"] = snapshot ? folded_json(snapshot->other) : Json(nullptr);
  json["listeners"] = snapshot ? listeners_json(*snapshot) : Json::array();
  json["pools"] = snapshot ? pools_json(*snapshot, input.now) : Json::array();
  json["history"] = history_json(state.history ? *state.history : analysis::History(), input);
  return json;
}

Json findings_json(const Input& input) {
  const std::vector<analysis::Finding> findings = analysis::findings_of(input.state, input.now);
  Json json = array_of(findings.size());
  for (const analysis::Finding& finding : findings) {
    Json each = Json::object();
    each["severity"] = name_of(finding.severity);
    each["kind"] = name_of(finding.kind);
    each["netns"] = finding.netns;
    each["peer"] = or_null(finding.peer);
    each["listener"] = or_null(finding.listener);
    each["text"] = finding.text;
    json.push_back(std::move(each));
  }
  return json;
}

void add_exporter(Json& json, const Input& input) {
  const analysis::ExporterState& state = input.state;
  Json exporter = Json::object();
  exporter["version"] = input.build.version;
  exporter["revision"] = input.build.revision;
  exporter["compiler"] = input.build.compiler;
  json["exporter"] = std::move(exporter);

  Json config = Json::object();
  config["last_reload_successful"] = state.config.is_good();
  config["last_reload_success_at"] = unix_time(state.config.last_success);
  json["config"] = std::move(config);

  Json polling = Json::object();
  polling["interval_seconds"] = seconds(state.spacing.configured);
  polling["actual_interval_seconds"] = seconds(state.spacing.actual);
  json["polling"] = std::move(polling);

  Json hosts = array_of(state.hosts.size());
  for (const analysis::HostHealth& host : state.hosts) {
    Json each = Json::object();
    each["name"] = host.name;
    each["resolved"] = host.resolved;
    each["addresses"] = host.addresses;
    hosts.push_back(std::move(each));
  }
  json["hosts"] = std::move(hosts);
  json["namespaces_left_out"] = state.namespaces_left_out;
}

}  // namespace

std::string render_json(const Input& input) {
  Json json = Json::object();
  json["schema_version"] = kSchemaVersion;
  json["written_at"] = unix_time(input.written_at);
  add_exporter(json, input);
  json["findings"] = findings_json(input);
  Json namespaces = array_of(input.state.namespaces.size());
  for (const analysis::NamespaceState& each : input.state.namespaces) {
    namespaces.push_back(namespace_json(each, input));
  }
  json["namespaces"] = std::move(namespaces);
  constexpr int kOneLine = -1;
  return json.dump(kOneLine, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace timewait::exposition
