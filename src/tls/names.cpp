#include "tls/names.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "tls/cipher_suites.h"

namespace timewait::tls {
namespace {

template <typename T>
using Name = std::pair<std::string_view, T>;

constexpr std::array<Name<Version>, 4> kVersions = {{{"TLS10", Version::kTls10},
                                                     {"TLS11", Version::kTls11},
                                                     {"TLS12", Version::kTls12},
                                                     {"TLS13", Version::kTls13}}};
constexpr std::array<Name<ClientAuth>, 6> kClientAuths = {
    {{"NoClientCert", ClientAuth::kNone},
     {"RequestClientCert", ClientAuth::kRequest},
     {"RequireAnyClientCert", ClientAuth::kRequireAny},
     {"RequireClientCert", ClientAuth::kRequireAny},
     {"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
     {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify}}};
constexpr std::array<Name<Curve>, 4> kCurves = {{{"CurveP256", Curve::kP256},
                                                 {"CurveP384", Curve::kP384},
                                                 {"CurveP521", Curve::kP521},
                                                 {"X25519", Curve::kX25519}}};

constexpr std::array<std::string_view, 3> kTls13Suites = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"};

// Go's tls.InsecureCipherSuites().
constexpr std::array<std::string_view, 12> kInsecureSuites = {
    "TLS_RSA_WITH_RC4_128_SHA",
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
    "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
    "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
};

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <typename T>
std::optional<T> find(std::span<const Name<T>> names, std::string_view name) {
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const Name<T>& entry) { return entry.first == name; });
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::optional<Version> parse_version(std::string_view name) {
  return find<Version>(kVersions, name);
}

std::string_view name_of(Version version) {
  return kVersions.at(static_cast<std::size_t>(version)).first;
}

std::optional<ClientAuth> parse_client_auth(std::string_view name) {
  return find<ClientAuth>(kClientAuths, name);
}

std::optional<Curve> parse_curve(std::string_view name) { return find<Curve>(kCurves, name); }

base::Result<std::optional<CipherSuite>> parse_cipher_suite(std::string_view name) {
  for (const CipherSuiteInfo& info : all_cipher_suites()) {
    if (info.name == name) return std::optional(info.suite);
  }
  if (contains(kTls13Suites, name)) return std::optional<CipherSuite>();
  if (contains(kInsecureSuites, name)) return base::Error{"is insecure, and refused as Go does"};
  return base::Error{"is not a known cipher suite"};
}

}  // namespace timewait::tls
