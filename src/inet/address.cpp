#include "inet/address.h"

#include <arpa/inet.h>

namespace timewait::inet {
namespace {

constexpr std::size_t kMappedPrefix = 12;  // bytes before the IPv4 part of ::ffff:a.b.c.d

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  std::array<std::uint8_t, 4> ipv4;
  if (::inet_pton(AF_INET, terminated.c_str(), ipv4.data()) == 1) return from_ipv4(ipv4);
  Bytes ipv6;
  if (::inet_pton(AF_INET6, terminated.c_str(), ipv6.data()) == 1) return from_ipv6(ipv6);
  return std::nullopt;
}

Address::Bytes Address::bytes() const {
  Bytes bytes;
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(high_ >> (56 - 8 * i));
    bytes[8 + i] = static_cast<std::uint8_t>(low_ >> (56 - 8 * i));
  }
  return bytes;
}

std::string Address::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const Bytes raw = bytes();
  if (is_ipv4()) {
    ::inet_ntop(AF_INET, raw.data() + kMappedPrefix, text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET6, raw.data(), text.data(), text.size());
  }
  return text.data();
}

}  // namespace timewait::inet
