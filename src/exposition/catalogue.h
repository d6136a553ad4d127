// Every metric of the product, once: its name, type, unit, labels and what it means. The collecting
// code can name no metric but these, and METRICS.md is written from the same table.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace timewait::exposition {

// In the order in which the families are shown.
enum class Metric : std::size_t {
  kOutboundSockets,
  kOutboundPortsCapacity,
  kOutboundPortsUsed,
  kOutboundPortsReusable,
  kOutboundPortHeadroomRatio,
  kOutboundPortEffectiveHeadroomRatio,
  kOutboundPortsFast,
  kOutboundArrivals,
  kOutboundSustainableArrivals,
  kOutboundExhaustion,
  kOutboundTimeWaitEntered,
  kInboundSockets,
  kInboundTimeWaitEntered,
  kListenQueueSockets,
  kListenQueueLimit,
  kListenEphemeralPorts,
  kEphemeralPorts,
  kEphemeralPortsReserved,
  kEphemeralPortsBound,
  kTimeWaitSockets,
  kTimeWaitSocketsLimit,
  kTwReuse,
  kTwReuseDelay,
  kTimeWaitEntered,
  kTimeWaitReused,
  kTimeWaitOverflow,
  kActiveOpens,
  kAttemptFails,
  kListenOverflows,
  kListenDrops,
  kPeers,
  kPeersLimit,
  kFoldedSockets,
  kBuildInfo,
  kSourceInfo,
  kListenerInfo,
  kPollSuccess,
  kPolls,
  kPollErrors,
  kPollDuration,
  kPollSockets,
  kLastPollTimestamp,
  kAuditSuccess,
  kAuditProbes,
  kPollInterval,
  kPollIntervalConfigured,
  kNamespaces,
  kNamespacesLeftOut,
  kHostResolved,
  kHostAddresses,
  kReloadSuccessful,
  kReloadSuccessTimestamp,
  kProcessCpu,
  kProcessResidentMemory,
  kProcessVirtualMemory,
  kProcessOpenFds,
  kProcessMaxFds,
  kProcessStartTime,
};

enum class MetricType { kGauge, kCounter, kHistogram };

// The sections of the reference, in its order. The metrics of a section are neighbours.
enum class Section {
  kOutboundPeers,
  kInboundListeners,
  kHostPorts,
  kKernelCounters,
  kDiscovery,
  kExporter,
  kProcess,
};

struct LabelNames {
  std::array<std::string_view, 3> names{};
  std::size_t count = 0;

  constexpr const std::string_view* begin() const { return names.data(); }
  constexpr const std::string_view* end() const { return names.data() + count; }
};

struct MetricInfo {
  Metric id;
  Section section;
  std::string_view name;
  MetricType type;
  std::string_view unit;  // what a value of 1 is one of; empty for flags and settings
  LabelNames labels;
  std::string_view help;   // one sentence. TextSerializer escapes nothing: no backslash, no newline
  std::string_view notes;  // more for the reference, as Markdown; may be empty
};

// Indexed by Metric.
std::span<const MetricInfo> catalogue();
const MetricInfo& info_of(Metric metric);

// The unit of the metric of this name; empty if it has none, or if there is no such metric.
std::string_view unit_of(std::string_view metric_name);

}  // namespace timewait::exposition
