// Every key of the configuration file: one table for each kind of map in it.
#pragma once

#include <array>
#include <string_view>

namespace timewait::config {

inline constexpr std::array<std::string_view, 5> kRootKeys = {"poll", "peers", "listeners",
                                                              "discovery", "headroom"};
inline constexpr std::array<std::string_view, 1> kPollKeys = {"interval"};
inline constexpr std::array<std::string_view, 2> kRuleKeys = {"name", "match"};
inline constexpr std::array<std::string_view, 3> kPeerMatcherKeys = {"address", "host", "port"};
inline constexpr std::array<std::string_view, 2> kListenerMatcherKeys = {"address", "port"};
inline constexpr std::array<std::string_view, 1> kDiscoveryKeys = {"max_peers"};
inline constexpr std::array<std::string_view, 2> kHeadroomKeys = {"audit", "audit_interval"};

}  // namespace timewait::config
