#include "config/values.h"

#include <algorithm>
#include <array>
#include <optional>

#include "config/value_text.h"

namespace timewait::config {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kMinInterval{100};
constexpr milliseconds kMaxInterval{60'000};
constexpr std::uint32_t kMaxPeersLimit = 1000;
constexpr std::uint32_t kMaxNamespacesLimit = 256;
constexpr std::size_t kMaxNameBytes = 128;
constexpr std::size_t kMaxHostBytes = 253;  // RFC 1035 2.3.4: 255 on the wire
constexpr std::size_t kMaxLabelBytes = 63;
constexpr char kFoldedPeers[] = "other";

struct DurationUnit {
  std::string_view name;
  std::int64_t milliseconds;
};

// Prometheus knows d, w and y too: all far beyond the longest interval.
constexpr std::array<DurationUnit, 4> kUnits = {
    {{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

// Numbers with units, larger units first: "1m30s".
std::optional<milliseconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total_ms = 0;
  auto unit = kUnits.begin();
  while (!text.empty()) {
    const std::size_t digits = count_digits(text);
    const std::size_t letters =
        std::min(text.find_first_of("0123456789", digits), text.size()) - digits;
    const std::string_view unit_name = text.substr(digits, letters);
    unit = std::find_if(unit, kUnits.end(), [&](const auto& u) { return u.name == unit_name; });
    if (digits == 0 || unit == kUnits.end()) return std::nullopt;
    total_ms += to_number(text.substr(0, digits)) * unit->milliseconds;
    ++unit;
    text.remove_prefix(digits + letters);
  }
  return milliseconds(total_ms);
}

// `address` with every bit beyond the first `prefix_bits` (of its own family) cleared.
inet::Address network_of(const inet::Address& address, std::uint32_t prefix_bits) {
  inet::Address::Bytes bytes = address.bytes();
  const std::uint32_t first = address.is_ipv4() ? prefix_bits + 96 : prefix_bits;
  for (std::uint32_t bit = first; bit < 128; ++bit) {
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] & ~(0x80u >> (bit % 8)));
  }
  return inet::Address::from_ipv6(bytes);
}

// As the name of a discovered peer or listener: "10.0.0.1:80", "[::1]:80", "*:80".
bool looks_discovered(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_integer(text.substr(colon + 1))) return false;
  if (!inet::PortRange::parse(text.substr(colon + 1))) return false;
  const std::string_view host = text.substr(0, colon);
  if (host == "*") return true;
  if (host.starts_with('[') && host.ends_with(']')) {
    return inet::Address::parse(host.substr(1, host.size() - 2)).has_value();
  }
  const std::optional<inet::Address> address = inet::Address::parse(host);
  return address && address->is_ipv4();
}

// A part of a host name between dots (RFC 1123 2.1). Underscores are in use, if not in the RFC.
bool is_label(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !text.empty() && text.size() <= kMaxLabelBytes &&
         std::all_of(text.begin(), text.end(), is_allowed) && text.front() != '-' &&
         text.back() != '-';
}

// Labels with a dot between each two. The last is no number: to many programs 10.1 is 10.0.0.1.
bool is_host_name(std::string_view text) {
  for (;;) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == std::string_view::npos) return !is_integer(label);
    text.remove_prefix(dot + 1);
  }
}

base::Result<milliseconds> parse_duration_within(std::string_view text, milliseconds shortest,
                                                 milliseconds longest) {
  if (is_integer(text)) return wrong(text, "has no unit");
  const std::optional<milliseconds> duration = parse_duration(text);
  if (!duration) return wrong(text, "is not a duration");
  if (*duration < shortest) return wrong(text, "is too short");
  if (*duration > longest) return wrong(text, "is too long");
  return *duration;
}

}  // namespace

base::Result<milliseconds> parse_interval(std::string_view text) {
  return parse_duration_within(text, kMinInterval, kMaxInterval);
}

base::Result<milliseconds> parse_audit_interval(std::string_view text) {
  return parse_duration_within(text, std::chrono::seconds(1), std::chrono::hours(1));
}

base::Result<double> parse_share(std::string_view text) {
  const bool is_percentage = text.ends_with('%');
  const std::optional<double> number = parse_decimal(text.substr(0, text.size() - is_percentage));
  if (!number) return wrong(text, "is not a share");
  if (!is_percentage && *number > 1) return wrong(text, "is more than 1 and has no %");
  const double share = is_percentage ? *number / 100 : *number;
  if (share <= 0) return wrong(text, "is too small");
  if (share > 1) return wrong(text, "is too large");
  return share;
}

base::Result<bool> parse_switch(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return wrong(text, "is not a switch");
}

base::Result<std::uint32_t> parse_max_peers(std::string_view text) {
  return parse_integer_within(text, 0, kMaxPeersLimit);
}

base::Result<std::uint32_t> parse_max_namespaces(std::string_view text) {
  return parse_integer_within(text, 1, kMaxNamespacesLimit);
}

base::Result<inet::Cidr> parse_address(std::string_view text) {
  if (const std::optional<inet::Cidr> block = inet::Cidr::parse(text)) return *block;
  if (looks_discovered(text)) return wrong(text, "holds a port, which is a key of its own");

  const std::size_t slash = text.find('/');
  const std::optional<inet::Address> address = inet::Address::parse(text.substr(0, slash));
  if (!address) return wrong(text, "is not an IP address");
  // A lone address would have parsed, so there is a slash.
  const std::string_view prefix = text.substr(slash + 1);
  const std::uint32_t limit = address->is_ipv4() ? 32 : 128;
  if (!is_integer(prefix) || to_number(prefix) > limit) {
    return wrong(text, "has a prefix length that is not 0 to " + std::to_string(limit));
  }
  return wrong(text, "has bits set beyond its prefix: the network is " +
                         network_of(*address, to_number(prefix)).to_string() + "/" +
                         std::string(prefix));
}

base::Result<std::string> parse_host(std::string_view text) {
  if (inet::Address::parse(text.substr(0, text.find('/')))) {
    return wrong(text, "is an IP address, which the key address is for");
  }
  const std::string_view relative = text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
  if (relative.size() > kMaxHostBytes) return wrong(text, "is too long");
  if (is_host_name(relative)) return std::string(text);
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && is_integer(text.substr(colon + 1))) {
    return wrong(text, "holds a port, which is a key of its own");
  }
  return wrong(text, "is not a host name");
}

base::Result<inet::PortRange> parse_port(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::string_view first = text.substr(0, dash);
  const std::string_view last = dash == std::string_view::npos ? first : text.substr(dash + 1);
  if (!is_integer(first) || !is_integer(last)) return wrong(text, "is not a port");
  if (has_leading_zero(first) || has_leading_zero(last)) return wrong(text, "has a leading zero");
  if (const std::optional<inet::PortRange> range = inet::PortRange::parse(text)) return *range;
  if (to_number(first) > to_number(last)) return wrong(text, "ends before it begins");
  return wrong(text, "is out of range");
}

base::Result<std::string> parse_name(std::string_view text) {
  base::Result<std::string> name = parse_text(text, kMaxNameBytes);
  if (name && looks_discovered(text)) return wrong(text, "is how a discovered one is named");
  return name;
}

base::Result<std::string> parse_peer_name(std::string_view text) {
  if (text == kFoldedPeers) return wrong(text, "is what peers beyond the limit are folded into");
  return parse_name(text);
}

base::Result<std::string> parse_namespace_name(std::string_view text) {
  return parse_text(text, kMaxNameBytes);
}

base::Result<std::string> parse_path(std::string_view text) {
  base::Result<std::string> path = parse_text(text, kMaxPathBytes);
  if (path && !text.starts_with('/')) return wrong(text, "is not an absolute path");
  return path;
}

}  // namespace timewait::config
