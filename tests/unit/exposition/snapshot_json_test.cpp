#include "exposition/snapshot_json.h"

#include <chrono>
#include <cmath>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "sample_input.h"

namespace timewait::exposition {
namespace {

using analysis::Snapshot;
using nlohmann::json;
using testing::ElementsAre;

json rendered(const Input& input) { return json::parse(render_json(input)); }

json own_namespace(const Input& input) { return rendered(input)["namespaces"][0]; }

TEST(SnapshotJson, IsOneLine) {
  const std::string text = render_json(input_with_all());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(SnapshotJson, OddNamesSurvive) {
  Snapshot snapshot = sample_snapshot();
  const std::string odd = "a \"quoted\" \\ name\n</script> \u00e4\u6f22";
  snapshot.configured_peers[0].name = odd;
  EXPECT_EQ(own_namespace(input_with(snapshot))["peers"][0]["name"], odd);
}

TEST(SnapshotJson, BytesThatAreNotUtf8AreReplaced) {
  Snapshot snapshot = sample_snapshot();
  snapshot.configured_peers[0].name = "a\xffz";
  EXPECT_EQ(own_namespace(input_with(snapshot))["peers"][0]["name"], "a\ufffdz");
}

TEST(SnapshotJson, WhatIsNoNumberIsNull) {
  Snapshot snapshot = sample_snapshot();
  snapshot.configured_peers[0].exhaustion_seconds = std::numeric_limits<double>::infinity();
  snapshot.configured_peers[0].arrival_rate = std::nan("");
  const json peer = own_namespace(input_with(snapshot))["peers"][0];
  EXPECT_TRUE(peer["exhaustion_seconds"].is_null());
  EXPECT_TRUE(peer["arrivals_per_second"].is_null());
}

TEST(SnapshotJson, ForecastsOfPeersAndPoolsCountDown) {
  Input input = input_with(sample_snapshot());
  input.now = input.state.namespaces[0].snapshot->forecast_from + std::chrono::milliseconds(4'500);
  json state = own_namespace(input);
  EXPECT_EQ(state["peers"][0]["exhaustion_seconds"], 1230);
  EXPECT_EQ(state["pools"][0]["exhaustion_seconds"], 1230);
  input.now += std::chrono::hours(1);
  EXPECT_EQ(own_namespace(input)["peers"][0]["exhaustion_seconds"], 0);
}

TEST(SnapshotJson, WhatTheKernelDoesNotTellIsNull) {
  Snapshot snapshot = sample_snapshot();
  snapshot.settings.tw_reuse.reset();
  snapshot.settings.max_tw_buckets.reset();
  snapshot.counters = {};
  snapshot.listeners[0].accept_queue_limit.reset();
  const json state = own_namespace(input_with(snapshot));
  EXPECT_TRUE(state["host"]["tcp_tw_reuse"].is_null());
  EXPECT_TRUE(state["host"]["time_wait_sockets_limit"].is_null());
  EXPECT_TRUE(state["listeners"][0]["accept_queue_limit"].is_null());
  EXPECT_EQ(state["host"]["counters"].size(), 7u);
  for (const json& counter : state["host"]["counters"]) EXPECT_TRUE(counter.is_null());
}

TEST(SnapshotJson, AFailedPollKeepsTheSnapshot) {
  Input input = input_with(sample_snapshot());
  input.state.namespaces[0].health.last_poll_succeeded = false;
  const json state = own_namespace(input);
  EXPECT_EQ(state["poll"]["successful"], false);
  EXPECT_EQ(state["poll"]["last_success_at"], 1'700'003'600.125);
  EXPECT_EQ(state["peers"].size(), 3u);
}

TEST(SnapshotJson, ArrivalsAreNotKnownWhileTimeWaitOverflows) {
  Snapshot snapshot = sample_snapshot();
  EXPECT_EQ(own_namespace(input_with(snapshot))["pools"][0]["arrivals_per_second"], 12.346);
  snapshot.time_wait_overflows = true;
  EXPECT_TRUE(own_namespace(input_with(snapshot))["pools"][0]["arrivals_per_second"].is_null());
}

// The age of the figures, written_at less this, is right whatever the wall clock has done.
TEST(SnapshotJson, TheLastSuccessIsToldBackwardsFromNow) {
  Input input = input_with(sample_snapshot());
  input.written_at += std::chrono::hours(1);
  const json state = rendered(input);
  EXPECT_NEAR(state["written_at"].get<double>() -
                  state["namespaces"][0]["poll"]["last_success_at"].get<double>(),
              2.5, 1e-6);
}

// Points are as old as they are, whatever the wall clock has been in between.
TEST(SnapshotJson, HistoryIsToldBackwardsFromNow) {
  Input input = input_with(sample_snapshot());
  input.state.namespaces[0].history = sample_history();
  json history = own_namespace(input)["history"];
  EXPECT_THAT(history["at"], ElementsAre(1'700'003'595.125, 1'700'003'600.125));
  input.written_at -= std::chrono::hours(1);
  history = own_namespace(input)["history"];
  EXPECT_THAT(history["at"], ElementsAre(1'699'999'995.125, 1'700'000'000.125));
}

TEST(SnapshotJson, APeersHistoryIsNullWhereItWasNotShown) {
  Input input = input_with(sample_snapshot());
  input.state.namespaces[0].history = sample_history();
  const json peers = own_namespace(input)["history"]["peers"];
  ASSERT_EQ(peers.size(), 4u);
  EXPECT_EQ(peers[0]["name"], "192.0.2.1:80");
  EXPECT_THAT(peers[0]["effective_headroom_ratio"], ElementsAre(0.5, nullptr));
  EXPECT_THAT(peers[0]["arrivals_per_second"], ElementsAre(nullptr, nullptr));
  EXPECT_EQ(peers[3]["name"], "tomcat");
  EXPECT_THAT(peers[3]["arrivals_per_second"], ElementsAre(12.3, 12.3));
}

}  // namespace
}  // namespace timewait::exposition
