#include "daemon/service_status.h"

#include <limits>
#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>

namespace timewait::daemon {
namespace {

using testing::HasSubstr;

constexpr std::chrono::steady_clock::time_point kPolledAt{std::chrono::hours(5)};

analysis::Peer peer(std::string name, std::uint32_t used) {
  analysis::Peer peer;
  peer.name = std::move(name);
  peer.headroom = {1000, used, 0, 500};
  peer.tightest.emplace();
  peer.exhaustion_seconds = std::numeric_limits<double>::infinity();
  return peer;
}

class ServiceStatus : public testing::Test {
 protected:
  ServiceStatus() {
    snapshot_.forecast_from = kPolledAt;
    snapshot_.ephemeral_ports = 1000;
    snapshot_.settings.max_tw_buckets = 1000;
    health_.last_poll_succeeded = true;
    health_.polls = 1;
  }

  std::string status() {
    state_.namespaces = {{"", std::make_shared<analysis::Snapshot>(snapshot_), health_}};
    return service_status(state_, kPolledAt);
  }

  analysis::Snapshot snapshot_;
  analysis::PollHealth health_;
  analysis::ExporterState state_;
};

TEST_F(ServiceStatus, BeforeTheFirstPoll) {
  EXPECT_EQ(service_status({}, kPolledAt), "The first poll is under way.");
}

TEST_F(ServiceStatus, WithoutPeers) { EXPECT_EQ(status(), "No connection to any peer."); }

TEST_F(ServiceStatus, TellsTheTightestPeerRoundedDown) {
  snapshot_.configured_peers = {peer("db", 100), peer("api", 256)};
  snapshot_.discovered_peers = {peer("10.0.0.9:80", 5)};
  EXPECT_EQ(status(), "The tightest of 3 peers, api, has 74 % of its ports left.");
}

TEST_F(ServiceStatus, TellsTheOnlyPeer) {
  snapshot_.discovered_peers = {peer("db", 100)};
  EXPECT_EQ(status(), "The only peer, db, has 90 % of its ports left.");
}

TEST_F(ServiceStatus, OfOtherNamespacesToo) {
  snapshot_.configured_peers = {peer("db", 600)};
  const auto inner = std::make_shared<analysis::Snapshot>(snapshot_);
  snapshot_.configured_peers = {peer("db", 100)};
  state_.namespaces = {{"", std::make_shared<analysis::Snapshot>(snapshot_), health_},
                       {"app", inner, health_}};
  EXPECT_EQ(service_status(state_, kPolledAt),
            "The tightest of 2 peers, db in app, has 40 % of its ports left.");
}

TEST_F(ServiceStatus, TellsWhatIsWrongAndHowMuchMore) {
  state_.config.last_reload_succeeded = false;
  EXPECT_THAT(status(), HasSubstr("reload of the configuration failed"));
  EXPECT_THAT(status(), testing::Not(HasSubstr("more")));
  snapshot_.configured_peers = {peer("api", 950)};
  EXPECT_THAT(status(), HasSubstr("api"));
  EXPECT_THAT(status(), testing::EndsWith("(1 more: see the status page.)"));
}

}  // namespace
}  // namespace timewait::daemon
