// The words for TLS settings: those of exporter-toolkit, which are Go's. Thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "tls/server_settings.h"

namespace timewait::tls {

// "TLS10" to "TLS13".
std::optional<Version> parse_version(std::string_view name);
std::string_view name_of(Version version);

// "NoClientCert", "RequestClientCert", "RequireAnyClientCert", of old "RequireClientCert" too,
// "VerifyClientCertIfGiven", "RequireAndVerifyClientCert".
std::optional<ClientAuth> parse_client_auth(std::string_view name);

// "CurveP256", "CurveP384", "CurveP521", "X25519".
std::optional<Curve> parse_curve(std::string_view name);

// "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" and so on. Nothing for the three of TLS 1.3, which are
// known and always on. The error completes a sentence that begins with the name.
base::Result<std::optional<CipherSuite>> parse_cipher_suite(std::string_view name);

}  // namespace timewait::tls
