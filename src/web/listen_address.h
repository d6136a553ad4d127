// Where the HTTP server listens. Values only; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "inet/address.h"

namespace timewait::web {

struct ListenAddress {
  std::optional<inet::Address> address;  // nothing: every interface, IPv6 and IPv4
  std::uint16_t port = 0;                // 0: the kernel picks a free one

  // ":10048", "127.0.0.1:10048", "[::1]:10048".
  std::string to_string() const;

  bool operator==(const ListenAddress&) const = default;
};

// Reads what to_string() writes. Ports 0 to 65535; no host names. The error quotes the text and
// says what is allowed.
base::Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace timewait::web
