#include "inet/cidr.h"

#include "inet/decimal.h"

namespace timewait::inet {
namespace {

constexpr int kIpv4PrefixOffset = 96;  // IPv4 is held as ::ffff:0:0/96

// The first `bits` bits of both addresses are equal.
bool same_prefix(const Address& a, const Address& b, int bits) {
  const int whole_bytes = bits / 8;
  for (int i = 0; i < whole_bytes; ++i) {
    if (a.bytes()[i] != b.bytes()[i]) return false;
  }
  const int rest = bits % 8;
  if (rest == 0) return true;
  const int mask = 0xff << (8 - rest) & 0xff;
  return ((a.bytes()[whole_bytes] ^ b.bytes()[whole_bytes]) & mask) == 0;
}

bool host_bits_are_zero(const Address& address, int prefix_bits) {
  for (int bit = prefix_bits; bit < 128; ++bit) {
    if (address.bytes()[bit / 8] & (0x80 >> (bit % 8))) return false;
  }
  return true;
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
