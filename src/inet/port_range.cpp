#include "inet/port_range.h"

#include "inet/decimal.h"

namespace timewait::inet {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  const std::optional<std::uint16_t> port = parse_decimal<std::uint16_t>(digits);
  if (port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::optional<PortRange> PortRange::parse(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<std::uint16_t> first = parse_port(text.substr(0, dash));
  if (!first) return std::nullopt;
  if (dash == std::string_view::npos) return PortRange{*first, *first};
  const std::optional<std::uint16_t> last = parse_port(text.substr(dash + 1));
  if (!last || *last < *first) return std::nullopt;
  return PortRange{*first, *last};
}

}  // namespace timewait::inet
