#include "tls/priorities.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "tls/cipher_suites.h"

namespace timewait::tls {
namespace {

using Setting = Fault::Setting;
using SuiteId = std::array<std::uint8_t, 2>;

constexpr std::array<Version, 4> kNewestFirst = {Version::kTls13, Version::kTls12, Version::kTls11,
                                                 Version::kTls10};
constexpr std::array<Curve, 4> kDefaultCurves = {Curve::kX25519, Curve::kP256, Curve::kP384,
                                                 Curve::kP521};
constexpr std::string_view kTls13Ciphers = ":+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305";
constexpr std::uint8_t kFirstByteOfTls13Suites = 0x13;  // RFC 8446, B.4

struct GnutlsName {
  unsigned id;
  std::string_view text;  // in a priority string
};

GnutlsName gnutls_name(Version version) {
  switch (version) {
    case Version::kTls10:
      return {GNUTLS_TLS1_0, "VERS-TLS1.0"};
    case Version::kTls11:
      return {GNUTLS_TLS1_1, "VERS-TLS1.1"};
    case Version::kTls12:
      return {GNUTLS_TLS1_2, "VERS-TLS1.2"};
    case Version::kTls13:
      return {GNUTLS_TLS1_3, "VERS-TLS1.3"};
  }
  return {};
}

GnutlsName gnutls_name(Curve curve) {
  switch (curve) {
    case Curve::kP256:
      return {GNUTLS_GROUP_SECP256R1, "GROUP-SECP256R1"};
    case Curve::kP384:
      return {GNUTLS_GROUP_SECP384R1, "GROUP-SECP384R1"};
    case Curve::kP521:
      return {GNUTLS_GROUP_SECP521R1, "GROUP-SECP521R1"};
    case Curve::kX25519:
      return {GNUTLS_GROUP_X25519, "GROUP-X25519"};
  }
  return {};
}

std::vector<Version> versions_of(const ServerSettings& settings) {
  std::vector<Version> versions;
  std::copy_if(kNewestFirst.begin(), kNewestFirst.end(), std::back_inserter(versions),
               [&](Version version) {
                 return version >= settings.min_version && version <= settings.max_version;
               });
  return versions;
}

std::vector<Curve> curves_of(const ServerSettings& settings) {
  if (!settings.curves.empty()) return settings.curves;
  return {kDefaultCurves.begin(), kDefaultCurves.end()};
}

// Those of the chosen suites that the key, and the versions below TLS 1.3, can use. In order.
std::vector<CipherSuiteInfo> usable_suites(const ServerSettings& settings,
                                           std::string_view key_exchange) {
  std::vector<CipherSuiteInfo> suites;
  if (settings.cipher_suites) {
    for (const CipherSuite suite : *settings.cipher_suites) suites.push_back(info_of(suite));
  } else {
    suites.assign(all_cipher_suites().begin(), all_cipher_suites().end());
  }
  std::erase_if(suites, [&](const CipherSuiteInfo& info) {
    return info.key_exchange != key_exchange ||
           (info.is_aead && settings.max_version < Version::kTls12);
  });
  return suites;
}

// With one key exchange, each cipher has one suite: authenticated ones are AEAD, the others SHA1.
std::string ciphers_of(const std::vector<CipherSuiteInfo>& suites) {
  std::string ciphers;
  for (const CipherSuiteInfo& info : suites) ciphers += ":+" + std::string(info.cipher);
  return ciphers;
}

base::Result<PriorityPtr, Fault> make_priority(const ServerSettings& settings,
                                               const std::vector<Version>& versions,
                                               std::string_view key_exchange,
                                               std::string_view ciphers) {
  std::string text = "NORMAL:-VERS-ALL:-KX-ALL:-CIPHER-ALL:-MAC-ALL:-GROUP-ALL:+AEAD:+SHA1:+";
  text += key_exchange;
  text += ciphers;
  for (const Version version : versions) text += ":+" + std::string(gnutls_name(version).text);
  for (const Curve curve : curves_of(settings)) {
    text += ":+" + std::string(gnutls_name(curve).text);
  }
  if (settings.prefer_server_cipher_suites) text += ":%SERVER_PRECEDENCE";
  gnutls_priority_t priority = nullptr;
  const int error = gnutls_priority_init(&priority, text.c_str(), nullptr);
  if (error == GNUTLS_E_SUCCESS) return PriorityPtr(priority);
  return Fault{Setting::kVersions, std::string("GnuTLS of this system has no such versions: ") +
                                       gnutls_strerror(error)};
}

// GnuTLS leaves out what the system's administrator forbids (/etc/gnutls/config).
template <typename T>
std::optional<Fault> find_missing(const std::vector<T>& wanted, Setting setting,
                                  gnutls_priority_t priority,
                                  int (*list)(gnutls_priority_t, const unsigned**)) {
  const unsigned* enabled = nullptr;
  const int count = list(priority, &enabled);
  for (const T value : wanted) {
    const GnutlsName name = gnutls_name(value);
    if (std::find(enabled, enabled + std::max(0, count), name.id) == enabled + std::max(0, count)) {
      return Fault{setting, std::string(name.text) + " is forbidden by this system's GnuTLS"};
    }
  }
  return std::nullopt;
}

std::set<SuiteId> enabled_below_tls13(gnutls_priority_t priority) {
  std::set<SuiteId> enabled;
  unsigned suite = 0;
  for (unsigned i = 0;; ++i) {
    const int error = gnutls_priority_get_cipher_suite_index(priority, i, &suite);
    if (error == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return enabled;
    SuiteId id{};
    if (error == GNUTLS_E_SUCCESS &&
        gnutls_cipher_suite_info(suite, id.data(), nullptr, nullptr, nullptr, nullptr) != nullptr &&
        id[0] != kFirstByteOfTls13Suites) {
      enabled.insert(id);
    }
  }
}

std::optional<Fault> find_difference(const std::vector<CipherSuiteInfo>& wanted,
                                     gnutls_priority_t priority) {
  const std::set<SuiteId> enabled = enabled_below_tls13(priority);
  std::set<SuiteId> wanted_ids;
  for (const CipherSuiteInfo& info : wanted) {
    if (!enabled.contains(info.id)) {
      return Fault{Setting::kCipherSuites,
                   std::string(info.name) + " is forbidden by this system's GnuTLS"};
    }
    wanted_ids.insert(info.id);
  }
  if (enabled == wanted_ids) return std::nullopt;
  return Fault{Setting::kCipherSuites, "GnuTLS of this system would add others to these"};
}

// The fault of settings with which nothing could be spoken at all.
Fault no_usable_suite(const ServerSettings& settings, std::string_view key_exchange) {
  ServerSettings unrestricted;
  unrestricted.max_version = settings.max_version;
  return {
      Setting::kCipherSuites,
      "none of them can be used with this certificate's key and max_version (allowed: such as " +
          std::string(usable_suites(unrestricted, key_exchange).front().name) + ")"};
}

}  // namespace

base::Result<Priorities, Fault> make_priorities(const ServerSettings& settings,
                                                std::string_view key_exchange) {
  Priorities made;
  const std::vector<CipherSuiteInfo> suites = usable_suites(settings, key_exchange);
  if (settings.min_version < Version::kTls13 && !suites.empty()) {
    // TLS 1.3, if it is spoken, stays in the list: then a client that was talked out of it can tell
    // (RFC 8446, 4.1.3).
    base::Result<PriorityPtr, Fault> priority =
        make_priority(settings, versions_of(settings), key_exchange, ciphers_of(suites));
    if (!priority) return priority.error();
    made.up_to_tls12 = std::move(*priority);
    if (auto fault = find_difference(suites, made.up_to_tls12.get())) return *std::move(fault);
  }
  if (settings.max_version == Version::kTls13) {
    base::Result<PriorityPtr, Fault> priority =
        make_priority(settings, {Version::kTls13}, key_exchange, kTls13Ciphers);
    if (!priority) return priority.error();
    made.tls13 = std::move(*priority);
  }
  gnutls_priority_t any = (made.up_to_tls12 ? made.up_to_tls12 : made.tls13).get();
  if (any == nullptr) return no_usable_suite(settings, key_exchange);
  if (made.up_to_tls12) {
    if (auto fault = find_missing(versions_of(settings), Setting::kVersions, any,
                                  &gnutls_priority_protocol_list)) {
      return *std::move(fault);
    }
  }
  if (auto fault =
          find_missing(curves_of(settings), Setting::kCurves, any, &gnutls_priority_group_list)) {
    return *std::move(fault);
  }
  return made;
}

}  // namespace timewait::tls
