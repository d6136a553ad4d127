// Every key of the configuration file: one table for each kind of map in it.
#pragma once

#include <array>
#include <string_view>

namespace timewait::config {

inline constexpr std::array<std::string_view, 6> kRootKeys = {
    "poll", "peers", "listeners", "discovery", "headroom", "network_namespaces"};
inline constexpr std::array<std::string_view, 2> kPollKeys = {"interval", "max_cpu"};
inline constexpr std::array<std::string_view, 2> kRuleKeys = {"name", "match"};
inline constexpr std::array<std::string_view, 3> kPeerMatcherKeys = {"address", "host", "port"};
inline constexpr std::array<std::string_view, 2> kListenerMatcherKeys = {"address", "port"};
inline constexpr std::array<std::string_view, 1> kDiscoveryKeys = {"max_peers"};
inline constexpr std::array<std::string_view, 2> kHeadroomKeys = {"audit", "audit_interval"};
inline constexpr std::array<std::string_view, 4> kNamespaceKeys = {"name", "path", "discover",
                                                                   "max"};

}  // namespace timewait::config
