// Hosts with the figures that a test needs.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "analysis/exporter_state.h"

namespace timewait::report {

inline constexpr std::chrono::steady_clock::time_point kPolledAt{std::chrono::hours(5)};
inline constexpr double kNever = std::numeric_limits<double>::infinity();

// With connections from one address, on so many of 1,000 ports.
inline analysis::Peer made_peer(std::string name, std::uint32_t used, std::uint32_t reusable = 0) {
  analysis::Peer peer;
  peer.name = std::move(name);
  peer.group.sockets[inet::TcpState::kEstablished] = used;
  peer.pools = 1;
  peer.headroom = {1'000, used, reusable, 500};
  peer.tightest = {inet::Address::parse("10.0.0.5").value(),
                   {inet::Address::parse("10.0.0.9").value(), 443}};
  peer.arrival_rate = 4;
  peer.sustainable_rate = 16;
  peer.exhaustion_seconds = kNever;
  return peer;
}

inline analysis::Snapshot made_snapshot() {
  analysis::Snapshot snapshot;
  snapshot.forecast_from = kPolledAt;
  snapshot.ephemeral_ports = 28'232;
  snapshot.settings.max_tw_buckets = 131'072;
  snapshot.settings.tw_reuse = 2;
  return snapshot;
}

inline analysis::NamespaceState made_state(analysis::Snapshot snapshot, std::string name = "") {
  analysis::NamespaceState state{
      std::move(name), std::make_shared<const analysis::Snapshot>(std::move(snapshot)), {}};
  state.health.last_poll_succeeded = true;
  state.health.polls = 1;
  return state;
}

}  // namespace timewait::report
