#include "exposition/collect.h"

#include <cmath>
#include <map>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <prometheus/metric_family.h>

#include "exposition/catalogue.h"
#include "sample_input.h"

namespace timewait::exposition {
namespace {

using analysis::DurationHistogram;
using analysis::Peer;
using analysis::Snapshot;
using inet::TcpState;
using prometheus::MetricFamily;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

using Series = std::vector<std::pair<std::vector<std::string>, double>>;

// The label values and the value of each series of the metric, in the order shown.
Series series_of(const Input& input, Metric metric) {
  Series found;
  for (const MetricFamily& family : collect(input)) {
    if (family.name != info_of(metric).name) continue;
    for (const auto& series : family.metric) {
      std::vector<std::string> labels;
      for (const auto& label : series.label) labels.push_back(label.value);
      const bool is_counter = family.type == prometheus::MetricType::Counter;
      found.emplace_back(labels, is_counter ? series.counter.value : series.gauge.value);
    }
  }
  return found;
}

Series lone(double value) { return {{{}, value}}; }

TEST(Collect, PeersAreConfiguredThenDiscoveredThenOther) {
  const Input input = input_with(sample_snapshot());
  EXPECT_THAT(
      series_of(input, Metric::kOutboundTimeWaitEntered),
      ElementsAre(Pair(ElementsAre("tomcat"), 4'321'000), Pair(ElementsAre("db"), 0),
                  Pair(ElementsAre("[2001:db8::7]:443"), 18), Pair(ElementsAre("other"), 77)));
}

TEST(Collect, EstablishedAndTimeWaitAlwaysShow) {
  Snapshot snapshot;
  snapshot.configured_peers.resize(1);
  snapshot.configured_peers[0].name = "db";
  snapshot.listeners.resize(1);
  snapshot.listeners[0].name = "nginx";
  const Input input = input_with(snapshot);
  EXPECT_THAT(series_of(input, Metric::kOutboundSockets),
              ElementsAre(Pair(ElementsAre("db", "established"), 0),
                          Pair(ElementsAre("db", "time_wait"), 0)));
  EXPECT_THAT(series_of(input, Metric::kInboundSockets),
              ElementsAre(Pair(ElementsAre("nginx", "established"), 0),
                          Pair(ElementsAre("nginx", "time_wait"), 0)));
}

TEST(Collect, AStateOnceSeenShowsWithItsNumberEvenIfZero) {
  Snapshot snapshot;
  snapshot.configured_peers.resize(1);
  Peer& peer = snapshot.configured_peers[0];
  peer.name = "db";
  for (const TcpState state : inet::kConnectionStates) {
    peer.group.states_seen.set(inet::index_of(state));
  }
  peer.group.sockets[TcpState::kFinWait2] = 4;
  Series expected;
  for (const TcpState state : inet::kConnectionStates) {
    expected.push_back(
        {{"db", std::string(inet::name_of(state))}, state == TcpState::kFinWait2 ? 4.0 : 0.0});
  }
  EXPECT_EQ(series_of(input_with(snapshot), Metric::kOutboundSockets), expected);
}

TEST(Collect, StatesThatAreNoConnectionNeverShow) {
  Snapshot snapshot;
  snapshot.other.emplace();
  snapshot.other->states_seen.set();
  EXPECT_EQ(series_of(input_with(snapshot), Metric::kOutboundSockets).size(),
            inet::kConnectionStates.size());
}

TEST(Collect, HeadroomIsThatOfTheTightestPool) {
  Snapshot snapshot;
  snapshot.configured_peers.resize(1);
  snapshot.configured_peers[0].headroom = {1000, 400, 150};
  const Input input = input_with(snapshot);
  const auto only = [](double value) { return Series{{{""}, value}}; };
  EXPECT_EQ(series_of(input, Metric::kOutboundPortsCapacity), only(1000));
  EXPECT_EQ(series_of(input, Metric::kOutboundPortsUsed), only(400));
  EXPECT_EQ(series_of(input, Metric::kOutboundPortsReusable), only(150));
  EXPECT_EQ(series_of(input, Metric::kOutboundPortHeadroomRatio), only(0.6));
  EXPECT_EQ(series_of(input, Metric::kOutboundPortEffectiveHeadroomRatio), only(0.75));
}

TEST(Collect, OtherHasNoHeadroom) {
  Snapshot snapshot;
  snapshot.other.emplace();
  const Input input = input_with(snapshot);
  EXPECT_EQ(series_of(input, Metric::kOutboundTimeWaitEntered).size(), 1u);
  for (const Metric metric :
       {Metric::kOutboundPortsCapacity, Metric::kOutboundPortsUsed, Metric::kOutboundPortsReusable,
        Metric::kOutboundPortHeadroomRatio, Metric::kOutboundPortEffectiveHeadroomRatio}) {
    EXPECT_THAT(series_of(input, metric), IsEmpty()) << info_of(metric).name;
  }
}

TEST(Collect, ListenQueues) {
  const Input input = input_with(sample_snapshot());
  EXPECT_THAT(series_of(input, Metric::kListenQueueSockets),
              ElementsAre(Pair(ElementsAre("nginx"), 3), Pair(ElementsAre("*:10048"), 0),
                          Pair(ElementsAre("*:22"), 0)));
  EXPECT_THAT(series_of(input, Metric::kListenQueueLimit),
              ElementsAre(Pair(ElementsAre("nginx"), 511), Pair(ElementsAre("*:10048"), 512),
                          Pair(ElementsAre("*:22"), 128)));
}

TEST(Collect, TheExportersOwnListenerIsMarked) {
  EXPECT_THAT(series_of(input_with(sample_snapshot()), Metric::kListenerInfo),
              ElementsAre(Pair(ElementsAre("*:10048"), 1)));
}

TEST(Collect, EachReadingOfTheKernelGoesToItsOwnMetric) {
  const Input input = input_with(sample_snapshot());
  EXPECT_EQ(series_of(input, Metric::kEphemeralPorts), lone(28'232));
  EXPECT_EQ(series_of(input, Metric::kEphemeralPortsReserved), lone(20));
  EXPECT_EQ(series_of(input, Metric::kEphemeralPortsBound), lone(12));
  EXPECT_EQ(series_of(input, Metric::kTimeWaitSockets), lone(8'650));
  EXPECT_EQ(series_of(input, Metric::kTimeWaitSocketsLimit), lone(131'072));
  EXPECT_EQ(series_of(input, Metric::kTwReuse), lone(2));
  EXPECT_EQ(series_of(input, Metric::kTwReuseDelay), lone(0.5));
  EXPECT_EQ(series_of(input, Metric::kTimeWaitEntered), lone(4'812'345));
  EXPECT_EQ(series_of(input, Metric::kTimeWaitReused), lone(1'201));
  EXPECT_EQ(series_of(input, Metric::kTimeWaitOverflow), lone(3));
  EXPECT_EQ(series_of(input, Metric::kActiveOpens), lone(5'000'123));
  EXPECT_EQ(series_of(input, Metric::kAttemptFails), lone(456));
  EXPECT_EQ(series_of(input, Metric::kListenOverflows), lone(7));
  EXPECT_EQ(series_of(input, Metric::kListenDrops), lone(9));
}

TEST(Collect, WhatTheKernelDoesNotTellIsAbsent) {
  Snapshot snapshot = sample_snapshot();
  snapshot.settings.tw_reuse.reset();
  snapshot.settings.max_tw_buckets.reset();
  snapshot.counters = {};
  for (auto& listener : snapshot.listeners) listener.accept_queue_limit.reset();
  Input input = input_with_all();
  input.state.namespaces = input_with(snapshot).state.namespaces;
  input.process.max_fds.reset();

  std::vector<std::string> absent;
  const auto families = collect(input);
  for (const MetricInfo& info : catalogue()) {
    const auto is_it = [&](const MetricFamily& family) { return family.name == info.name; };
    if (std::none_of(families.begin(), families.end(), is_it)) absent.emplace_back(info.name);
  }
  EXPECT_THAT(absent, UnorderedElementsAre("timewait_sockets_limit", "timewait_tcp_tw_reuse",
                                           "timewait_listen_queue_limit", "timewait_entered_total",
                                           "timewait_reused_total", "timewait_overflow_total",
                                           "timewait_tcp_active_opens_total",
                                           "timewait_tcp_attempt_fails_total",
                                           "timewait_listen_overflows_total",
                                           "timewait_listen_drops_total", "process_max_fds"));
}

TEST(Collect, Discovery) {
  const Input input = input_with(sample_snapshot());
  EXPECT_EQ(series_of(input, Metric::kPeers), lone(1));
  EXPECT_EQ(series_of(input, Metric::kPeersLimit), lone(1));
  EXPECT_EQ(series_of(input, Metric::kFoldedSockets), lone(61));
}

TEST(Collect, NothingFoldedIsZero) {
  EXPECT_EQ(series_of(input_with(Snapshot()), Metric::kFoldedSockets), lone(0));
}

TEST(Collect, NoFamilyIsEmptyAndNoNameComesTwice) {
  for (const Input& input :
       {input_with(sample_snapshot()), input_with(Snapshot()), input_before_first_poll()}) {
    std::map<std::string, int> times;
    for (const MetricFamily& family : collect(input)) {
      EXPECT_THAT(family.metric, testing::Not(IsEmpty())) << family.name;
      EXPECT_EQ(++times[family.name], 1) << family.name;
    }
  }
}

TEST(Collect, OnlyTheExporterItselfShowsBeforeTheFirstGoodPoll) {
  for (const MetricFamily& family : collect(input_before_first_poll())) {
    EXPECT_TRUE(family.name.starts_with("timewait_exporter_") ||
                family.name.starts_with("process_"))
        << family.name;
  }
  const Input input = input_before_first_poll();
  EXPECT_EQ(series_of(input, Metric::kPollSuccess), lone(0));
  EXPECT_EQ(series_of(input, Metric::kPolls), lone(0));
  EXPECT_THAT(series_of(input, Metric::kSourceInfo), IsEmpty());
  EXPECT_THAT(series_of(input, Metric::kPollSockets), IsEmpty());
  EXPECT_THAT(series_of(input, Metric::kLastPollTimestamp), IsEmpty());
}

// After a good poll the old snapshot stays, and the failure shows beside it.
TEST(Collect, AFailedPollKeepsTheSnapshot) {
  Input input = input_with(sample_snapshot());
  input.state.namespaces[0].health.last_poll_succeeded = false;
  EXPECT_EQ(series_of(input, Metric::kPollSuccess), lone(0));
  EXPECT_EQ(series_of(input, Metric::kPollSockets), lone(9'321));
  EXPECT_EQ(series_of(input, Metric::kLastPollTimestamp), lone(1'700'003'600.125));
}

TEST(Collect, AnotherNamespaceHasItsLabelAndTheOwnHasNone) {
  const Input input = input_with_all();
  EXPECT_THAT(series_of(input, Metric::kEphemeralPorts),
              ElementsAre(Pair(IsEmpty(), 28'232), Pair(ElementsAre("app"), 1'000)));
  EXPECT_THAT(series_of(input, Metric::kPolls),
              ElementsAre(Pair(IsEmpty(), 720), Pair(ElementsAre("app"), 7)));
  EXPECT_THAT(series_of(input, Metric::kSourceInfo),
              ElementsAre(Pair(ElementsAre("netlink"), 1), Pair(ElementsAre("procfs", "app"), 1)));
  EXPECT_EQ(series_of(input, Metric::kNamespaces), lone(2));
  EXPECT_EQ(series_of(input, Metric::kBuildInfo).size(), 1u);
}

// The forecast counts down from the poll to the scrape, and not below 0.
TEST(Collect, TheForecastCountsDown) {
  Snapshot snapshot;
  snapshot.forecast_from = std::chrono::steady_clock::time_point(std::chrono::seconds(100));
  snapshot.configured_peers.resize(3);
  snapshot.configured_peers[0].exhaustion_seconds = 60;
  snapshot.configured_peers[1].exhaustion_seconds = 2;
  snapshot.configured_peers[2].exhaustion_seconds = INFINITY;
  Input input = input_with(snapshot);
  input.now = snapshot.forecast_from + std::chrono::milliseconds(2'500);
  const Series forecasts = series_of(input, Metric::kOutboundExhaustion);
  ASSERT_EQ(forecasts.size(), 3u);
  EXPECT_DOUBLE_EQ(forecasts[0].second, 57.5);
  EXPECT_EQ(forecasts[1].second, 0);
  EXPECT_TRUE(std::isinf(forecasts[2].second));
}

TEST(Collect, EveryReasonShowsAtZeroToo) {
  Series expected;
  for (const std::string_view reason : reading::kFailureReasonNames) {
    expected.push_back({{std::string(reason)}, reason == "interrupted" ? 2.0 : 0.0});
  }
  EXPECT_EQ(series_of(input_with(Snapshot()), Metric::kPollErrors), expected);
}

TEST(Collect, HistogramBucketsAreCumulative) {
  std::vector<std::pair<double, std::uint64_t>> buckets;
  for (const MetricFamily& family : collect(input_with(Snapshot()))) {
    if (family.name != info_of(Metric::kPollDuration).name) continue;
    const auto& histogram = family.metric.at(0).histogram;
    for (const auto& bucket : histogram.bucket) {
      buckets.emplace_back(bucket.upper_bound, bucket.cumulative_count);
    }
    EXPECT_EQ(histogram.sample_count, 5u);
    EXPECT_DOUBLE_EQ(histogram.sample_sum, 40.564);
  }
  EXPECT_THAT(buckets, ElementsAre(Pair(0.001, 2), Pair(0.0025, 2), Pair(0.005, 2), Pair(0.01, 2),
                                   Pair(0.025, 2), Pair(0.05, 2), Pair(0.1, 3), Pair(0.25, 3),
                                   Pair(0.5, 4), Pair(2.5, 4), Pair(12.5, 4)));
}

// The formats would write 1 and 1.0, and with the bound the series changes.
TEST(Collect, NoBucketBoundIsWhole) {
  for (const double bound : DurationHistogram::kUpperBoundsSeconds) {
    EXPECT_NE(bound, std::floor(bound));
  }
}

}  // namespace
}  // namespace timewait::exposition
