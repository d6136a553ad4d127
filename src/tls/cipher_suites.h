// What GnuTLS calls the cipher suites.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "tls/server_settings.h"

namespace timewait::tls {

// Key exchanges of TLS 1.2 and below, in a priority string.
inline constexpr std::string_view kEcdheEcdsa = "ECDHE-ECDSA";
inline constexpr std::string_view kEcdheRsa = "ECDHE-RSA";

struct CipherSuiteInfo {
  CipherSuite suite;
  std::string_view name;           // IANA's and Go's
  std::array<std::uint8_t, 2> id;  // IANA's
  std::string_view key_exchange;   // this and the next in a priority string
  std::string_view cipher;
  bool is_aead;  // which needs TLS 1.2
};

// In the order of preference that holds if none is given.
std::span<const CipherSuiteInfo> all_cipher_suites();

const CipherSuiteInfo& info_of(CipherSuite suite);

}  // namespace timewait::tls
