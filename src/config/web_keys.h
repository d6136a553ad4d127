// Every key of the web configuration file: one table for each kind of map in it.
#pragma once

#include <array>
#include <string_view>

namespace timewait::config {

inline constexpr std::array<std::string_view, 4> kWebRootKeys = {
    "tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"};
inline constexpr std::array<std::string_view, 13> kTlsKeys = {"cert",
                                                              "cert_file",
                                                              "key",
                                                              "key_file",
                                                              "client_ca",
                                                              "client_ca_file",
                                                              "client_auth_type",
                                                              "client_allowed_sans",
                                                              "min_version",
                                                              "max_version",
                                                              "cipher_suites",
                                                              "curve_preferences",
                                                              "prefer_server_cipher_suites"};
inline constexpr std::array<std::string_view, 2> kHttpKeys = {"http2", "headers"};
inline constexpr std::array<std::string_view, 5> kHeaderKeys = {
    "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "X-XSS-Protection",
    "Content-Security-Policy"};
inline constexpr std::array<std::string_view, 2> kRateLimitKeys = {"interval", "burst"};

}  // namespace timewait::config
