#include "tls/client_check.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "inet/address.h"
#include "tls/handles.h"

namespace timewait::tls {
namespace {

constexpr char kSubjectAltName[] = "2.5.29.17";  // RFC 5280, 4.2.1.6

std::string text_of(const gnutls_datum_t& datum) {
  return {reinterpret_cast<const char*>(datum.data), datum.size};
}

// As Go writes it: IPv6 as in RFC 5952, IPv4-mapped as IPv4. Empty if these bytes are no address.
std::string address_text(const gnutls_datum_t& bytes) {
  std::array<std::uint8_t, 4> ipv4{};
  inet::Address::Bytes ipv6{};
  if (bytes.size == ipv4.size()) {
    std::copy_n(bytes.data, ipv4.size(), ipv4.begin());
    return inet::Address::from_ipv4(ipv4).to_string();
  }
  if (bytes.size == ipv6.size()) {
    std::copy_n(bytes.data, ipv6.size(), ipv6.begin());
    return inet::Address::from_ipv6(ipv6).to_string();
  }
  return {};
}

// Empty if it is of a kind that no configuration names.
std::string name_text(unsigned kind, const gnutls_datum_t& value) {
  switch (kind) {
    case GNUTLS_SAN_DNSNAME:
    case GNUTLS_SAN_RFC822NAME:
    case GNUTLS_SAN_URI:
      return text_of(value);
    case GNUTLS_SAN_IPADDRESS:
      return address_text(value);
    default:
      return {};
  }
}

// The subject alternative names of a certificate in DER; nullptr if they, or it, cannot be read.
SubjectAltNamesPtr read_names(const gnutls_datum_t& der) {
  gnutls_x509_crt_t new_certificate = nullptr;
  gnutls_subject_alt_names_t new_names = nullptr;
  gnutls_datum_t extension{};
  if (gnutls_x509_crt_init(&new_certificate) < 0) return nullptr;
  const CertificatePtr certificate(new_certificate);
  if (gnutls_subject_alt_names_init(&new_names) < 0) return nullptr;
  SubjectAltNamesPtr names(new_names);
  if (gnutls_x509_crt_import(certificate.get(), &der, GNUTLS_X509_FMT_DER) < 0 ||
      gnutls_x509_crt_get_extension_by_oid2(certificate.get(), kSubjectAltName, 0, &extension,
                                            nullptr) < 0) {
    return nullptr;
  }
  const int error = gnutls_x509_ext_import_subject_alt_names(&extension, names.get(), 0);
  gnutls_free(extension.data);
  return error < 0 ? nullptr : std::move(names);
}

bool has_allowed_name(const gnutls_datum_t& certificate, const std::vector<std::string>& allowed) {
  const SubjectAltNamesPtr names = read_names(certificate);
  if (!names) return false;
  unsigned kind = 0;
  gnutls_datum_t value{};
  for (unsigned i = 0;
       gnutls_subject_alt_names_get(names.get(), i, &kind, &value, nullptr) == GNUTLS_E_SUCCESS;
       ++i) {
    const std::string name = name_text(kind, value);
    if (!name.empty() && std::find(allowed.begin(), allowed.end(), name) != allowed.end()) {
      return true;
    }
  }
  return false;
}

gnutls_alert_description_t alert_for(unsigned verify_status) {
  if (verify_status & GNUTLS_CERT_EXPIRED) return GNUTLS_A_CERTIFICATE_EXPIRED;
  if (verify_status & GNUTLS_CERT_SIGNER_NOT_FOUND) return GNUTLS_A_UNKNOWN_CA;
  return GNUTLS_A_BAD_CERTIFICATE;
}

std::optional<gnutls_alert_description_t> verify_chain(gnutls_session_t session) {
  std::string purpose = GNUTLS_KP_TLS_WWW_CLIENT;
  gnutls_typed_vdata_st condition{GNUTLS_DT_KEY_PURPOSE_OID,
                                  reinterpret_cast<unsigned char*>(purpose.data()),
                                  static_cast<unsigned>(purpose.size())};
  unsigned status = 0;
  if (gnutls_certificate_verify_peers(session, &condition, 1, &status) != GNUTLS_E_SUCCESS) {
    return GNUTLS_A_BAD_CERTIFICATE;
  }
  if (status != 0) return alert_for(status);
  return std::nullopt;
}

}  // namespace

std::optional<gnutls_alert_description_t> check_client(
    gnutls_session_t session, ClientAuth auth, const std::vector<std::string>& allowed_sans) {
  unsigned count = 0;
  const gnutls_datum_t* const certificates = gnutls_certificate_get_peers(session, &count);
  if (certificates == nullptr || count == 0) {
    if (!requires_certificate(auth)) return std::nullopt;
    return gnutls_protocol_get_version(session) == GNUTLS_TLS1_3 ? GNUTLS_A_CERTIFICATE_REQUIRED
                                                                 : GNUTLS_A_HANDSHAKE_FAILURE;
  }
  if (verifies(auth)) {
    if (const auto alert = verify_chain(session)) return alert;
  }
  if (!allowed_sans.empty() && !has_allowed_name(certificates[0], allowed_sans)) {
    return GNUTLS_A_BAD_CERTIFICATE;
  }
  return std::nullopt;
}

}  // namespace timewait::tls
