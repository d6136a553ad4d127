#include "inet/address.h"

#include <algorithm>

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

bool Address::is_ipv4() const {
  return bytes_[10] == 0xff && bytes_[11] == 0xff &&
         std::all_of(bytes_.begin(), bytes_.begin() + 10, [](std::uint8_t b) { return b == 0; });
}

bool Address::is_unspecified() const { return *this == kAnyIpv4 || *this == kAnyIpv6; }

bool Address::is_loopback() const {
  if (is_ipv4()) return bytes_[kMappedPrefix] == 127;
  return bytes_[15] == 1 &&
         std::all_of(bytes_.begin(), bytes_.begin() + 15, [](std::uint8_t b) { return b == 0; });
}

std::string Address::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_ipv4()) {
    ::inet_ntop(AF_INET, bytes_.data() + kMappedPrefix, text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
  }
  return text.data();
}

}  // namespace timewait::inet
