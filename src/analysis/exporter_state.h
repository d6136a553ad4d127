// All that a scrape shows of the polls: what they found, and how the exporter itself fares.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/history.h"
#include "analysis/poll_health.h"
#include "analysis/snapshot.h"
#include "reading/read_failure.h"

namespace timewait::analysis {

struct NamespaceState {
  std::string name;                          // empty: the exporter's own network namespace
  std::shared_ptr<const Snapshot> snapshot;  // of the last good poll; null before the first
  PollHealth health;
  std::shared_ptr<const History> history = nullptr;  // null as long as the snapshot is
  std::optional<reading::ReadFailure> failure{};     // of the last poll, if it failed
  std::string path{};  // where it can be entered; empty for the one that the user is in
};

// How far apart polls are.
struct PollSpacing {
  std::chrono::milliseconds configured{0};
  std::chrono::milliseconds actual{0};  // longer where polls would take more CPU than they may
};

// A host name of the configuration.
struct HostHealth {
  std::string name;
  bool resolved = false;      // by the last attempt
  std::size_t addresses = 0;  // of the last answer
};

struct ConfigHealth {
  bool last_reload_succeeded = true;   // of those that were asked for
  bool web_config_is_in_force = true;  // its files, which are read whenever they change
  std::chrono::system_clock::time_point last_success;  // the start, if there was no reload since

  // Whether all the files are in force as they are.
  bool is_good() const { return last_reload_succeeded && web_config_is_in_force; }
};

struct ExporterState {
  std::vector<NamespaceState> namespaces;  // the exporter's own first
  std::uint32_t namespaces_left_out = 0;   // found, beyond as many as may be watched
  PollSpacing spacing;
  std::vector<HostHealth> hosts;
  ConfigHealth config;
};

}  // namespace timewait::analysis
