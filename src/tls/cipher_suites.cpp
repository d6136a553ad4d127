#include "tls/cipher_suites.h"

#include <algorithm>

namespace timewait::tls {
namespace {

using Suite = CipherSuite;

constexpr std::array<CipherSuiteInfo, 10> kSuites = {{
    {Suite::kEcdheEcdsaAes128GcmSha256,
     "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
     {0xc0, 0x2b},
     kEcdheEcdsa,
     "AES-128-GCM",
     true},
    {Suite::kEcdheRsaAes128GcmSha256,
     "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
     {0xc0, 0x2f},
     kEcdheRsa,
     "AES-128-GCM",
     true},
    {Suite::kEcdheEcdsaAes256GcmSha384,
     "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
     {0xc0, 0x2c},
     kEcdheEcdsa,
     "AES-256-GCM",
     true},
    {Suite::kEcdheRsaAes256GcmSha384,
     "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
     {0xc0, 0x30},
     kEcdheRsa,
     "AES-256-GCM",
     true},
    {Suite::kEcdheEcdsaChacha20Poly1305,
     "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
     {0xcc, 0xa9},
     kEcdheEcdsa,
     "CHACHA20-POLY1305",
     true},
    {Suite::kEcdheRsaChacha20Poly1305,
     "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
     {0xcc, 0xa8},
     kEcdheRsa,
     "CHACHA20-POLY1305",
     true},
    {Suite::kEcdheEcdsaAes128CbcSha,
     "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
     {0xc0, 0x09},
     kEcdheEcdsa,
     "AES-128-CBC",
     false},
    {Suite::kEcdheRsaAes128CbcSha,
     "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
     {0xc0, 0x13},
     kEcdheRsa,
     "AES-128-CBC",
     false},
    {Suite::kEcdheEcdsaAes256CbcSha,
     "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
     {0xc0, 0x0a},
     kEcdheEcdsa,
     "AES-256-CBC",
     false},
    {Suite::kEcdheRsaAes256CbcSha,
     "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
     {0xc0, 0x14},
     kEcdheRsa,
     "AES-256-CBC",
     false},
}};

}  // namespace

std::span<const CipherSuiteInfo> all_cipher_suites() { return kSuites; }

const CipherSuiteInfo& info_of(CipherSuite suite) {
  return *std::find_if(kSuites.begin(), kSuites.end(),
                       [&](const CipherSuiteInfo& info) { return info.suite == suite; });
}

}  // namespace timewait::tls
