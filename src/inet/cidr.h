// A block of addresses. A single address is a block with a full-length prefix.
#pragma once

#include <optional>
#include <string_view>

#include "inet/address.h"

namespace timewait::inet {

class Cidr {
 public:
  // "203.0.113.0/24", "2001:db8::/32", or a lone address. Nothing if the text is neither, or if
  // bits are set beyond the prefix (10.0.0.1/8 is more often a slip than a wish).
  static std::optional<Cidr> parse(std::string_view text);

  // IPv4-mapped IPv6 counts as IPv4: 0.0.0.0/0 holds every IPv4 address, ::/0 every other one.
  bool contains(const Address& address) const;

  bool operator==(const Cidr&) const = default;

 private:
  Cidr(const Address& network, int prefix_bits) : network_(network), prefix_bits_(prefix_bits) {}

  Address network_;
  int prefix_bits_;  // of the 128-bit form: 96 + n for IPv4
};

}  // namespace timewait::inet
