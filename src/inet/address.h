// An IP address as a value.
//
// IPv4 is held in its IPv4-mapped form (::ffff:a.b.c.d, RFC 4291 2.5.5.2), so the socket of a JVM,
// which talks IPv4 through an IPv6 socket, has the very same address as a plain IPv4 socket. The
// kernel matches 4-tuples the same way (`inet_match`, `inet6_match`): both kinds share one pool of
// ports.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace timewait::inet {

class Address {
 public:
  using Bytes = std::array<std::uint8_t, 16>;  // network order

  constexpr Address() = default;  // ::
  static constexpr Address from_ipv6(const Bytes& bytes) { return Address(bytes); }
  static constexpr Address from_ipv4(const std::array<std::uint8_t, 4>& b) {
    return Address({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, b[0], b[1], b[2], b[3]});
  }

  // "127.0.0.1", "::1", "::ffff:127.0.0.1" (equal to the first). No zone, no brackets, no name.
  static std::optional<Address> parse(std::string_view text);

  const Bytes& bytes() const { return bytes_; }
  bool is_ipv4() const;
  bool is_unspecified() const;  // 0.0.0.0 or ::
  bool is_loopback() const;    // 127/8 or ::1, as the kernel's ipv4_is_loopback, ipv6_addr_loopback
  // fe80::/10: means something only together with an interface
  bool is_link_local() const { return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80; }

  std::string to_string() const;  // RFC 5952; IPv4 as dotted quad

  // In two parts, for what compares or hashes many; their order means nothing.
  constexpr std::array<std::uint64_t, 2> words() const {
    return std::bit_cast<std::array<std::uint64_t, 2>>(bytes_);
  }

  auto operator<=>(const Address&) const = default;
  constexpr bool operator==(const Address& other) const {
    const auto [a, b] = words();
    const auto [c, d] = other.words();
    return ((a ^ c) | (b ^ d)) == 0;
  }

 private:
  explicit constexpr Address(const Bytes& bytes) : bytes_(bytes) {}

  Bytes bytes_{};
};

inline constexpr Address kAnyIpv4 = Address::from_ipv4({0, 0, 0, 0});
inline constexpr Address kAnyIpv6 = Address();

}  // namespace timewait::inet
