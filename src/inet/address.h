// An IP address as a value.
//
// IPv4 is held in its IPv4-mapped form (::ffff:a.b.c.d, RFC 4291 2.5.5.2), so the socket of a JVM,
// which talks IPv4 through an IPv6 socket, has the very same address as a plain IPv4 socket. The
// kernel matches 4-tuples the same way (`inet_match`, `inet6_match`): both kinds share one pool of
// ports.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace timewait::inet {

// Of bytes in network order.
template <std::size_t N>
constexpr std::uint64_t number_in(const std::array<std::uint8_t, N>& bytes, std::size_t first,
                                  std::size_t count) {
  std::uint64_t number = 0;
  for (std::size_t i = first; i < first + count; ++i) number = number << 8 | bytes[i];
  return number;
}

class Address {
 public:
  using Bytes = std::array<std::uint8_t, 16>;  // network order

  constexpr Address() = default;  // ::
  static constexpr Address from_ipv6(const Bytes& bytes) {
    return {number_in(bytes, 0, 8), number_in(bytes, 8, 8)};
  }
  static constexpr Address from_ipv4(const std::array<std::uint8_t, 4>& bytes) {
    return from_ipv4(static_cast<std::uint32_t>(number_in(bytes, 0, 4)));
  }
  // Of numbers in host order.
  static constexpr Address from_ipv6(std::uint64_t high, std::uint64_t low) { return {high, low}; }
  static constexpr Address from_ipv4(std::uint32_t number) { return {0, kMapped << 32 | number}; }

  // "127.0.0.1", "::1", "::ffff:127.0.0.1" (equal to the first). No zone, no brackets, no name.
  static std::optional<Address> parse(std::string_view text);

  // The 128 bits as a number, in two halves.
  constexpr std::uint64_t high() const { return high_; }
  constexpr std::uint64_t low() const { return low_; }
  Bytes bytes() const;

  constexpr bool is_ipv4() const { return high_ == 0 && low_ >> 32 == kMapped; }
  constexpr bool is_unspecified() const {  // 0.0.0.0 or ::
    return high_ == 0 && (low_ == 0 || low_ == kMapped << 32);
  }
  // 127/8 or ::1, as the kernel's ipv4_is_loopback, ipv6_addr_loopback
  constexpr bool is_loopback() const {
    return high_ == 0 && (low_ == 1 || low_ >> 24 == (kMapped << 8 | 127));
  }
  // fe80::/10: means something only together with an interface
  constexpr bool is_link_local() const { return high_ >> 54 == 0xfe80 >> 6; }

  std::string to_string() const;  // RFC 5952; IPv4 as dotted quad

  auto operator<=>(const Address&) const = default;

 private:
  static constexpr std::uint64_t kMapped = 0xffff;  // ::ffff:0:0/96

  constexpr Address(std::uint64_t high, std::uint64_t low) : high_(high), low_(low) {}

  // Numbers, since every socket's addresses are compared and hashed.
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

inline constexpr Address kAnyIpv4 = Address::from_ipv4(0);
inline constexpr Address kAnyIpv6 = Address();

}  // namespace timewait::inet
