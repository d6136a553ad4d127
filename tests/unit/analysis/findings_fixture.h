// Findings about one namespace, in which nothing is wrong until a test makes it so.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "analysis/findings.h"
#include "made_sockets.h"

namespace timewait::analysis {

inline constexpr double kNever = std::numeric_limits<double>::infinity();
inline constexpr std::chrono::steady_clock::time_point kPolledAt{std::chrono::hours(5)};

// A namespace in which nothing is wrong, with one peer and one listener; and the exporter around
// it.
class FindingsTest : public testing::Test {
 protected:
  FindingsTest() {
    snapshot_.forecast_from = kPolledAt;
    snapshot_.ephemeral_ports = 28'232;
    snapshot_.settings.max_tw_buckets = 1'000;
    snapshot_.max_discovered_peers = 20;
    snapshot_.configured_peers = {a_peer("db", endpoint("10.0.0.9", 5432))};
    snapshot_.pools = {a_pool("db", endpoint("10.0.0.9", 5432))};
    snapshot_.listeners.resize(1);
    snapshot_.listeners[0].name = "nginx";
    snapshot_.listeners[0].listening_sockets = 1;
    snapshot_.listeners[0].fullest_queue = {0, 100};
    health_.last_poll_succeeded = true;
    health_.polls = 100;
    state_.spacing = {std::chrono::seconds(5), std::chrono::seconds(5)};
  }

  static Peer a_peer(std::string name, const inet::Endpoint& remote) {
    Peer peer;
    peer.name = std::move(name);
    peer.headroom = {28'232, 0, 0, 14'116};
    peer.tightest = key_to(remote);
    peer.arrival_rate = 10;
    peer.sustainable_rate = 470;
    peer.exhaustion_seconds = kNever;
    return peer;
  }

  static Pool a_pool(std::string peer, const inet::Endpoint& remote) {
    Pool pool;
    pool.key = key_to(remote);
    pool.peer = std::move(peer);
    pool.headroom = {28'232, 0, 0, 14'116};
    pool.arrival_rate = 10;
    pool.sustainable_rate = 470;
    pool.exhaustion_seconds = kNever;
    return pool;
  }

  static PoolKey key_to(const inet::Endpoint& remote) {
    return {inet::Address::parse("10.0.0.1").value(), remote};
  }

  Peer& peer() { return snapshot_.configured_peers[0]; }
  Pool& pool() { return snapshot_.pools[0]; }
  Listener& listener() { return snapshot_.listeners[0]; }

  void use_ports(std::uint32_t used, std::uint32_t reusable = 0) {
    peer().headroom.used = used;
    peer().headroom.reusable = reusable;
    pool().headroom = peer().headroom;
  }
  void run_out_in(double exhaustion_seconds) {
    peer().exhaustion_seconds = exhaustion_seconds;
    pool().exhaustion_seconds = exhaustion_seconds;
  }
  void wait_for_accept(std::uint32_t waiting) { listener().fullest_queue->waiting = waiting; }
  // A pool of a peer that is not shown by name, with as many ports used.
  Pool& add_folded(std::uint32_t used) {
    const int number = static_cast<int>(snapshot_.pools.size());
    snapshot_.pools.push_back(a_pool("other", endpoint("192.0.2.1", 8'000 + number)));
    snapshot_.pools.back().headroom = {28'232, used, 0, 0};
    return snapshot_.pools.back();
  }
  void arrive_at(double rate) {
    peer().arrival_rate = rate;
    pool().arrival_rate = rate;
  }

  std::vector<Finding> found(
      std::chrono::steady_clock::duration after_poll = std::chrono::seconds(1)) const {
    ExporterState state = state_;
    state.namespaces.push_back(
        {netns_, has_snapshot_ ? std::make_shared<const Snapshot>(snapshot_) : nullptr, health_});
    state.namespaces.back().failure = failure_;
    return findings_of(state, kPolledAt + after_poll);
  }

  Snapshot snapshot_;
  bool has_snapshot_ = true;
  std::string netns_;
  PollHealth health_;
  std::optional<reading::ReadFailure> failure_;
  ExporterState state_;
};

MATCHER_P3(Is, severity, kind, text, "") {
  return arg.severity == severity && arg.kind == kind &&
         testing::ExplainMatchResult(testing::HasSubstr(text), arg.text, result_listener);
}

}  // namespace timewait::analysis
