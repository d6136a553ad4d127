// Rules that give endpoints a name: the first rule that matches wins.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "inet/cidr.h"
#include "inet/endpoint.h"
#include "inet/port_range.h"

namespace timewait::inet {

// Matches when every part that is given matches. At least one part is given.
struct EndpointMatcher {
  std::optional<Cidr> addresses;
  std::optional<PortRange> ports;
  std::string host = {};  // a name, in place of addresses; empty if there is none
  std::vector<Address> host_addresses = {};  // what it stands for at present; sorted

  bool matches(const Endpoint& endpoint) const {
    return matches(endpoint.address) && (!ports || ports->contains(endpoint.port));
  }

  bool operator==(const EndpointMatcher&) const = default;

 private:
  bool matches(const Address& address) const {
    if (host.empty()) return !addresses || addresses->contains(address);
    return std::binary_search(host_addresses.begin(), host_addresses.end(), address);
  }
};

// One configured peer or listener: it owns every endpoint that any of its matchers matches.
struct NamedRule {
  std::string name;  // unique among the rules of its list; not empty
  std::vector<EndpointMatcher> match;

  bool matches(const Endpoint& endpoint) const {
    return std::any_of(match.begin(), match.end(),
                       [&](const EndpointMatcher& m) { return m.matches(endpoint); });
  }

  bool operator==(const NamedRule&) const = default;
};

// Position in `rules` of the first that matches.
inline std::optional<std::size_t> first_match(const std::vector<NamedRule>& rules,
                                              const Endpoint& endpoint) {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const NamedRule& rule) { return rule.matches(endpoint); });
  if (found == rules.end()) return std::nullopt;
  return static_cast<std::size_t>(found - rules.begin());
}

}  // namespace timewait::inet
