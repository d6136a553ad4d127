#include "web/listen_address.h"

#include <charconv>

#include "inet/endpoint.h"

namespace timewait::web {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [parsed_to, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || parsed_to != end) return std::nullopt;
  return port;
}

// IPv6 stands in brackets, and nothing else does: without them "::1:80" could be cut in two places.
std::optional<inet::Address> parse_host(std::string_view host) {
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool has_colon = host.find(':') != std::string_view::npos;
  if (bracketed != has_colon) return std::nullopt;
  return inet::Address::parse(host);
}

std::optional<ListenAddress> parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint16_t> port = parse_port(text.substr(colon + 1));
  if (!port) return std::nullopt;
  const std::string_view host = text.substr(0, colon);
  if (host.empty()) return ListenAddress{std::nullopt, *port};
  const std::optional<inet::Address> address = parse_host(host);
  if (!address) return std::nullopt;
  return ListenAddress{address, *port};
}

}  // namespace

std::string ListenAddress::to_string() const {
  if (!address) return ":" + std::to_string(port);
  return inet::Endpoint{*address, port}.to_string();
}

base::Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::optional<ListenAddress> parsed = parse(text);
  if (parsed) return *parsed;
  return base::Error{"\"" + std::string(text) +
                     "\" is not an address to listen on: write :PORT, IPV4:PORT or [IPV6]:PORT, "
                     "with a port from 0 to 65535 and no host name"};
}

}  // namespace timewait::web
