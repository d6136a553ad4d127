// Every key of the configuration file: one table for each kind of map in it.
#pragma once

#include <array>
#include <string_view>

namespace timewait::config {

inline constexpr std::array<std::string_view, 4> kRootKeys = {"poll", "peers", "listeners",
                                                              "discovery"};
inline constexpr std::array<std::string_view, 1> kPollKeys = {"interval"};
inline constexpr std::array<std::string_view, 2> kRuleKeys = {"name", "match"};
inline constexpr std::array<std::string_view, 2> kMatcherKeys = {"address", "port"};
inline constexpr std::array<std::string_view, 1> kDiscoveryKeys = {"max_peers"};

}  // namespace timewait::config
