// The kinds of single value that the web configuration knows besides those of values.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/values.h"
#include "tls/server_settings.h"

namespace timewait::config {

base::Result<std::string> parse_file_name(std::string_view text);
base::Result<std::string> parse_pem(std::string_view text);
base::Result<tls::ClientAuth> parse_client_auth(std::string_view text);
base::Result<std::string> parse_alternative_name(std::string_view text);
base::Result<tls::Version> parse_tls_version(std::string_view text);
// Nothing for a suite of TLS 1.3, which is on in any case.
base::Result<std::optional<tls::CipherSuite>> parse_cipher_suite(std::string_view text);
base::Result<tls::Curve> parse_curve(std::string_view text);
base::Result<bool> parse_http2(std::string_view text);
base::Result<std::string> parse_header_value(std::string_view text);
base::Result<std::string> parse_content_type_options(std::string_view text);
base::Result<std::string> parse_frame_options(std::string_view text);
base::Result<std::string> parse_user_name(std::string_view text);
base::Result<std::string> parse_bcrypt_hash(std::string_view text);  // no error holds any of it
base::Result<std::chrono::nanoseconds> parse_request_interval(std::string_view text);  // or 0
base::Result<std::uint32_t> parse_burst(std::string_view text);

inline constexpr ValueKind<std::string> kFileName{"a path, such as server.crt or /etc/ssl/a.crt",
                                                  &parse_file_name};
inline constexpr ValueKind<std::string> kPem{"PEM as a block of text, after \"|\"", &parse_pem};
inline constexpr ValueKind<tls::ClientAuth> kClientAuth{
    "NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven or "
    "RequireAndVerifyClientCert",
    &parse_client_auth};
inline constexpr ValueKind<std::string> kAlternativeName{
    "a DNS name, e-mail address, IP address or URI", &parse_alternative_name};
inline constexpr ValueKind<tls::Version> kTlsVersion{"TLS10, TLS11, TLS12 or TLS13",
                                                     &parse_tls_version};
inline constexpr ValueKind<std::optional<tls::CipherSuite>> kCipherSuite{
    "those of Go's tls.CipherSuites, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    &parse_cipher_suite};
inline constexpr ValueKind<tls::Curve> kCurve{"CurveP256, CurveP384, CurveP521 or X25519",
                                              &parse_curve};
inline constexpr ValueKind<bool> kHttp2{"false", &parse_http2};
inline constexpr ValueKind<std::string> kHeaderValue{
    "1 to 2048 printable ASCII characters, no space at either end", &parse_header_value};
inline constexpr ValueKind<std::string> kContentTypeOptions{"nosniff", &parse_content_type_options};
inline constexpr ValueKind<std::string> kFrameOptions{"deny or sameorigin", &parse_frame_options};
inline constexpr ValueKind<std::string> kUserName{"1 to 128 bytes of text, without \":\"",
                                                  &parse_user_name};
inline constexpr ValueKind<std::string> kBcryptHash{
    "a bcrypt hash: $2y$, $2b$ or $2a$, a cost of 04 to 16, $, 53 characters", &parse_bcrypt_hash};
inline constexpr ValueKind<std::chrono::nanoseconds> kRequestInterval{
    "0 to 24h, such as 500ms, 1s or 1m30s", &parse_request_interval};
inline constexpr ValueKind<std::uint32_t> kBurst{"an integer, 1 to 1000000", &parse_burst};

}  // namespace timewait::config
