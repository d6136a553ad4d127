// The configuration as plain values. A default-constructed Config is what holds without a file.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inet/matcher.h"

namespace timewait::config {

// A network namespace beside the exporter's own.
struct NetworkNamespace {
  std::string name;  // unique
  std::string path;  // absolute; whether anything is there shows when it is opened

  bool operator==(const NetworkNamespace&) const = default;
};

struct NamespaceDiscovery {
  std::uint32_t max = 16;  // namespaces: 1 to 256

  bool operator==(const NamespaceDiscovery&) const = default;
};

struct Config {
  std::chrono::milliseconds poll_interval{5000};     // poll.interval: 100 ms to 60 s
  double max_cpu = 0.05;                             // poll.max_cpu: above 0, to 1, of one core
  std::vector<inet::NamedRule> peers;                // peers: first match wins
  std::vector<inet::NamedRule> listeners;            // listeners: likewise
  bool audit = false;                                // headroom.audit
  std::chrono::milliseconds audit_interval{60'000};  // headroom.audit_interval: 1 s to 1 h
  std::uint32_t max_peers = 20;                      // discovery.max_peers: 0 to 1000
  std::vector<NetworkNamespace> network_namespaces;  // network_namespaces: those of {name, path}
  std::optional<NamespaceDiscovery> namespace_discovery;  // and {discover: true}, if there is one

  bool operator==(const Config&) const = default;
};

}  // namespace timewait::config
