// A closed range of TCP ports.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace timewait::inet {

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;  // inclusive; not below first

  // "443" or "443-444"; ports 1 to 65535. Nothing for anything else.
  static std::optional<PortRange> parse(std::string_view text);

  bool contains(std::uint16_t port) const { return first <= port && port <= last; }
  std::uint32_t size() const { return std::uint32_t{last} - first + 1; }

  bool operator==(const PortRange&) const = default;
};

}  // namespace timewait::inet
