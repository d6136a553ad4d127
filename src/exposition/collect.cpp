#include "exposition/collect.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include <prometheus/metric_family.h>

#include "exposition/catalogue.h"
#include "inet/tcp_state.h"

namespace timewait::exposition {
namespace {

using analysis::DurationHistogram;
using analysis::Headroom;
using analysis::Listener;
using analysis::Peer;
using analysis::Snapshot;
using analysis::SocketGroup;
using prometheus::ClientMetric;
using prometheus::MetricFamily;

using LabelValues = std::initializer_list<std::string_view>;

prometheus::MetricType prometheus_type(MetricType type) {
  switch (type) {
    case MetricType::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricType::kCounter:
      return prometheus::MetricType::Counter;
    case MetricType::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  std::abort();
}

// One family per metric of the catalogue. Series may come in any order; each lands in its family.
class Families {
 public:
  Families() {
    families_.reserve(catalogue().size());
    for (const MetricInfo& info : catalogue()) {
      families_.push_back(
          {std::string(info.name), std::string(info.help), prometheus_type(info.type), {}});
    }
  }

  // The network namespace of the series that follow; empty: no label.
  void set_netns(std::string_view name) { netns_ = name; }

  template <typename Number>
  void add(Metric metric, Number value, LabelValues label_values = {}) {
    ClientMetric& series = add_series(metric, label_values);
    switch (info_of(metric).type) {
      case MetricType::kGauge:
        series.gauge.value = static_cast<double>(value);
        return;
      case MetricType::kCounter:
        series.counter.value = static_cast<double>(value);
        return;
      case MetricType::kHistogram:
        break;
    }
    std::abort();
  }

  template <typename Number>
  void add(Metric metric, const std::optional<Number>& value, LabelValues label_values = {}) {
    if (value) add(metric, *value, label_values);
  }

  void add(Metric metric, const DurationHistogram& durations) {
    if (info_of(metric).type != MetricType::kHistogram) std::abort();
    auto& histogram = add_series(metric, {}).histogram;
    histogram.sample_count = durations.count;
    histogram.sample_sum = durations.sum_seconds;
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < durations.counts.size(); ++i) {
      cumulative += durations.counts[i];
      histogram.bucket.push_back({cumulative, DurationHistogram::kUpperBoundsSeconds[i]});
    }
  }

  std::vector<MetricFamily> take() && {
    const auto is_empty = [](const MetricFamily& family) { return family.metric.empty(); };
    families_.erase(std::remove_if(families_.begin(), families_.end(), is_empty), families_.end());
    return std::move(families_);
  }

 private:
  ClientMetric& add_series(Metric metric, LabelValues label_values) {
    const LabelNames& names = info_of(metric).labels;
    if (names.count != label_values.size()) std::abort();
    ClientMetric& series = families_[static_cast<std::size_t>(metric)].metric.emplace_back();
    const std::string_view* value = label_values.begin();
    for (const std::string_view name : names) {
      series.label.push_back({std::string(name), std::string(*value++)});
    }
    if (!netns_.empty()) series.label.push_back({"netns", std::string(netns_)});
    return series;
  }

  std::vector<MetricFamily> families_;
  std::string_view netns_;
};

template <typename Duration>
double in_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

void add_group(Families& families, Metric sockets, Metric time_wait_entered, std::string_view name,
               const SocketGroup& group) {
  for (const inet::TcpState state : inet::kConnectionStates) {
    if (!group.shows(state)) continue;
    families.add(sockets, group.sockets[state], {name, inet::name_of(state)});
  }
  families.add(time_wait_entered, group.time_wait_entered, {name});
}

void add_outbound_group(Families& families, std::string_view name, const SocketGroup& group) {
  add_group(families, Metric::kOutboundSockets, Metric::kOutboundTimeWaitEntered, name, group);
}

void add_peer(Families& families, const Peer& peer, double exhaustion_seconds) {
  add_outbound_group(families, peer.name, peer.group);
  const Headroom& headroom = peer.headroom;
  families.add(Metric::kOutboundPortsCapacity, headroom.capacity, {peer.name});
  families.add(Metric::kOutboundPortsUsed, headroom.used, {peer.name});
  families.add(Metric::kOutboundPortsReusable, headroom.reusable, {peer.name});
  families.add(Metric::kOutboundPortHeadroomRatio, headroom.ratio(), {peer.name});
  families.add(Metric::kOutboundPortEffectiveHeadroomRatio, headroom.effective_ratio(),
               {peer.name});
  families.add(Metric::kOutboundPortsFast, headroom.fast, {peer.name});
  families.add(Metric::kOutboundArrivals, peer.arrival_rate, {peer.name});
  families.add(Metric::kOutboundSustainableArrivals, peer.sustainable_rate, {peer.name});
  families.add(Metric::kOutboundExhaustion, exhaustion_seconds, {peer.name});
}

void add_listener(Families& families, const Listener& listener) {
  add_group(families, Metric::kInboundSockets, Metric::kInboundTimeWaitEntered, listener.name,
            listener.group);
  families.add(Metric::kListenQueueSockets, listener.accept_queue, {listener.name});
  families.add(Metric::kListenQueueLimit, listener.accept_queue_limit, {listener.name});
  families.add(Metric::kListenEphemeralPorts, listener.unreserved_ephemeral_ports.size(),
               {listener.name});
  if (listener.exporter) families.add(Metric::kListenerInfo, 1, {listener.name});
}

void add_host_ports(Families& families, const Snapshot& snapshot) {
  families.add(Metric::kEphemeralPorts, snapshot.ephemeral_ports);
  families.add(Metric::kEphemeralPortsReserved, snapshot.ephemeral_ports_reserved);
  families.add(Metric::kEphemeralPortsBound, snapshot.ephemeral_ports_bound);
  families.add(Metric::kTimeWaitSockets, snapshot.time_wait_sockets);
  families.add(Metric::kTimeWaitSocketsLimit, snapshot.settings.max_tw_buckets);
  families.add(Metric::kTwReuse, snapshot.settings.tw_reuse);
  families.add(Metric::kTwReuseDelay, in_seconds(snapshot.settings.tw_reuse_delay));
}

void add_kernel_counters(Families& families, const reading::TcpCounters& counters) {
  families.add(Metric::kTimeWaitEntered, counters.time_wait_entered);
  families.add(Metric::kTimeWaitReused, counters.time_wait_reused);
  families.add(Metric::kTimeWaitOverflow, counters.time_wait_overflow);
  families.add(Metric::kActiveOpens, counters.active_opens);
  families.add(Metric::kAttemptFails, counters.attempt_fails);
  families.add(Metric::kListenOverflows, counters.listen_overflows);
  families.add(Metric::kListenDrops, counters.listen_drops);
}

void add_snapshot(Families& families, const Snapshot& snapshot,
                  std::chrono::steady_clock::time_point now) {
  for (const auto* peers : {&snapshot.configured_peers, &snapshot.discovered_peers}) {
    for (const Peer& peer : *peers) {
      add_peer(families, peer, analysis::seconds_left(peer.exhaustion_seconds, snapshot, now));
    }
  }
  if (snapshot.other) add_outbound_group(families, analysis::kOtherPeers, *snapshot.other);
  for (const Listener& listener : snapshot.listeners) add_listener(families, listener);
  add_host_ports(families, snapshot);
  add_kernel_counters(families, snapshot.counters);

  families.add(Metric::kPeers, snapshot.discovered_peers.size());
  families.add(Metric::kPeersLimit, snapshot.max_discovered_peers);
  families.add(Metric::kFoldedSockets, snapshot.other ? snapshot.other->sockets.total() : 0);

  families.add(Metric::kSourceInfo, 1, {snapshot.source});
  families.add(Metric::kPollSockets, snapshot.sockets_read);
  families.add(Metric::kLastPollTimestamp, in_seconds(snapshot.taken_at.time_since_epoch()));
}

void add_health(Families& families, const analysis::PollHealth& health) {
  families.add(Metric::kPollSuccess, health.last_poll_succeeded ? 1 : 0);
  families.add(Metric::kPolls, health.polls);
  for (std::size_t i = 0; i < health.errors.size(); ++i) {
    families.add(Metric::kPollErrors, health.errors[i], {reading::kFailureReasonNames[i]});
  }
  families.add(Metric::kPollDuration, health.duration);
  if (!health.audit) return;
  families.add(Metric::kAuditSuccess, health.audit->last_succeeded ? 1 : 0);
  families.add(Metric::kAuditProbes, health.audit->probes);
}

void add_exporter(Families& families, const analysis::ExporterState& state) {
  families.add(Metric::kPollInterval, in_seconds(state.spacing.actual));
  families.add(Metric::kPollIntervalConfigured, in_seconds(state.spacing.configured));
  families.add(Metric::kNamespaces, state.namespaces.size());
  families.add(Metric::kNamespacesLeftOut, state.namespaces_left_out);
  for (const analysis::HostHealth& host : state.hosts) {
    families.add(Metric::kHostResolved, host.resolved ? 1 : 0, {host.name});
    families.add(Metric::kHostAddresses, host.addresses, {host.name});
  }
  families.add(Metric::kReloadSuccessful, state.config.is_good() ? 1 : 0);
  families.add(Metric::kReloadSuccessTimestamp,
               in_seconds(state.config.last_success.time_since_epoch()));
}

void add_process(Families& families, const reading::ProcessStats& process) {
  families.add(Metric::kProcessCpu, process.cpu_seconds);
  families.add(Metric::kProcessResidentMemory, process.resident_memory_bytes);
  families.add(Metric::kProcessVirtualMemory, process.virtual_memory_bytes);
  families.add(Metric::kProcessOpenFds, process.open_fds);
  families.add(Metric::kProcessMaxFds, process.max_fds);
  families.add(Metric::kProcessStartTime, process.start_time_seconds);
}

}  // namespace

std::vector<MetricFamily> collect(const Input& input) {
  Families families;
  for (const analysis::NamespaceState& each : input.state.namespaces) {
    families.set_netns(each.name);
    if (each.snapshot) add_snapshot(families, *each.snapshot, input.now);
    add_health(families, each.health);
  }
  families.set_netns({});
  add_exporter(families, input.state);
  families.add(Metric::kBuildInfo, 1,
               {input.build.version, input.build.revision, input.build.compiler});
  add_process(families, input.process);
  return std::move(families).take();
}

}  // namespace timewait::exposition
