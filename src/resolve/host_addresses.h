// What host names stand for, as plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "inet/address.h"

namespace timewait::resolve {

inline constexpr std::size_t kMaxAddresses = 1024;  // of one name

struct HostState {
  // IPv4 and IPv6, of the last answer there was: sorted, each once, at most kMaxAddresses. A family
  // that is missing from one answer stays until the next, see HostRecord.
  std::vector<inet::Address> addresses;
  std::optional<std::chrono::system_clock::time_point> answered_at;  // nothing before the first
  // Why the last attempt failed, as a sentence; nothing if it succeeded, or before the first.
  std::optional<std::string> failure;

  bool attempted() const { return answered_at || failure; }
  bool resolved() const { return answered_at && !failure; }  // by the last attempt
};

using HostAddresses = std::map<std::string, HostState, std::less<>>;  // by name, as it is written

}  // namespace timewait::resolve
