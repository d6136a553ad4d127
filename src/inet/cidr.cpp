#include "inet/cidr.h"

#include <cstdint>

#include "inet/decimal.h"

namespace timewait::inet {
namespace {

constexpr int kIpv4PrefixOffset = 96;  // IPv4 is held as ::ffff:0:0/96

// The first bits of one half of an address: those of a prefix that has so many bits in this half
// and behind it, or none if that is below 0.
std::uint64_t mask_of(int bits) {
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  if (bits <= 0) return 0;
  return bits >= 64 ? kAll : ~(kAll >> bits);
}

// The first `bits` bits of both addresses are equal.
bool same_prefix(const Address& a, const Address& b, int bits) {
  return ((a.high() ^ b.high()) & mask_of(bits)) == 0 &&
         ((a.low() ^ b.low()) & mask_of(bits - 64)) == 0;
}

bool host_bits_are_zero(const Address& address, int prefix_bits) {
  return (address.high() & ~mask_of(prefix_bits)) == 0 &&
         (address.low() & ~mask_of(prefix_bits - 64)) == 0;
}

}  // namespace

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<Address> network = Address::parse(text.substr(0, slash));
  if (!network) return std::nullopt;
  if (slash == std::string_view::npos) return Cidr(*network, 128);

  const std::optional<int> written_bits = parse_decimal<int>(text.substr(slash + 1));
  if (!written_bits || *written_bits > (network->is_ipv4() ? 32 : 128)) return std::nullopt;
  const int prefix_bits = *written_bits + (network->is_ipv4() ? kIpv4PrefixOffset : 0);
  if (!host_bits_are_zero(*network, prefix_bits)) return std::nullopt;
  return Cidr(*network, prefix_bits);
}

bool Cidr::contains(const Address& address) const {
  return address.is_ipv4() == network_.is_ipv4() && same_prefix(address, network_, prefix_bits_);
}

}  // namespace timewait::inet
