// The kinds of single value that the configuration knows: how to read one, and what to tell the
// person whose text is not one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "inet/cidr.h"
#include "inet/port_range.h"

namespace timewait::config {

template <typename T>
struct ValueKind {
  std::string_view allowed;                    // completes "allowed: ..."
  base::Result<T> (*parse)(std::string_view);  // the error says what is wrong, not what is allowed
};

base::Result<std::chrono::milliseconds> parse_interval(std::string_view text);
base::Result<std::chrono::milliseconds> parse_audit_interval(std::string_view text);
base::Result<double> parse_share(std::string_view text);  // of one core
base::Result<bool> parse_switch(std::string_view text);
base::Result<std::uint32_t> parse_max_peers(std::string_view text);
base::Result<std::uint32_t> parse_max_namespaces(std::string_view text);
base::Result<inet::Cidr> parse_address(std::string_view text);
base::Result<std::string> parse_host(std::string_view text);  // as it is written
base::Result<inet::PortRange> parse_port(std::string_view text);
base::Result<std::string> parse_name(std::string_view text);
base::Result<std::string> parse_peer_name(std::string_view text);  // "other" is what is folded
base::Result<std::string> parse_namespace_name(std::string_view text);
base::Result<std::string> parse_path(std::string_view text);

inline constexpr ValueKind<std::chrono::milliseconds> kInterval{
    "100ms to 60s, such as 500ms, 5s or 1m", &parse_interval};
inline constexpr ValueKind<std::chrono::milliseconds> kAuditInterval{
    "1s to 1h, such as 30s, 1m or 15m", &parse_audit_interval};
inline constexpr ValueKind<double> kShare{"above 0, to 100%, such as 5%, 0.5% or 0.05",
                                          &parse_share};
inline constexpr ValueKind<bool> kSwitch{"true or false", &parse_switch};
inline constexpr ValueKind<std::uint32_t> kMaxPeers{"an integer, 0 to 1000", &parse_max_peers};
inline constexpr ValueKind<std::uint32_t> kMaxNamespaces{"an integer, 1 to 256",
                                                         &parse_max_namespaces};
inline constexpr ValueKind<inet::Cidr> kAddress{
    "an IP address or network, such as 127.0.0.1, \"::1\" or 203.0.113.0/24", &parse_address};
inline constexpr ValueKind<std::string> kHost{"a host name, such as db.example.com", &parse_host};
inline constexpr ValueKind<inet::PortRange> kPort{
    "a port or a range, 1 to 65535, such as 443 or 443-444", &parse_port};
inline constexpr ValueKind<std::string> kListenerName{"1 to 128 bytes of text, not ADDRESS:PORT",
                                                      &parse_name};
inline constexpr ValueKind<std::string> kPeerName{
    "1 to 128 bytes of text, not ADDRESS:PORT, not \"other\"", &parse_peer_name};
inline constexpr ValueKind<std::string> kNamespaceName{"1 to 128 bytes of text",
                                                       &parse_namespace_name};
inline constexpr ValueKind<std::string> kPath{"an absolute path, such as /run/netns/app",
                                              &parse_path};

}  // namespace timewait::config
