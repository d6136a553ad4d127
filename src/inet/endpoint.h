// An address and a TCP port: one end of a connection.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "inet/address.h"

namespace timewait::inet {

struct Endpoint {
  Address address;
  std::uint16_t port = 0;  // host order

  // "127.0.0.1:8080", "[::1]:8080".
  std::string to_string() const;

  auto operator<=>(const Endpoint&) const = default;
};

}  // namespace timewait::inet
