#include "made_certificates.h"

#include <ctime>
#include <stdexcept>
#include <string_view>

#include "tls/handles.h"

namespace timewait::tls {
namespace {

void check(int code) {
  if (code < 0) throw std::runtime_error(gnutls_strerror(code));
}

gnutls_datum_t datum(std::string& text) {
  return {reinterpret_cast<unsigned char*>(text.data()), static_cast<unsigned>(text.size())};
}

std::string take(gnutls_datum_t& allocated) {
  std::string text(reinterpret_cast<const char*>(allocated.data), allocated.size);
  gnutls_free(allocated.data);
  return text;
}

PrivateKeyPtr new_key() {
  gnutls_x509_privkey_t key = nullptr;
  check(gnutls_x509_privkey_init(&key));
  return PrivateKeyPtr(key);
}

CertificatePtr new_certificate() {
  gnutls_x509_crt_t certificate = nullptr;
  check(gnutls_x509_crt_init(&certificate));
  return CertificatePtr(certificate);
}

unsigned key_bits(gnutls_pk_algorithm_t kind) {
  switch (kind) {
    case GNUTLS_PK_ECDSA:
      return GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
    case GNUTLS_PK_EDDSA_ED25519:
      return GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519);
    case GNUTLS_PK_EDDSA_ED448:
      return GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED448);
    default:
      return 2048;
  }
}

CertificatePtr unsigned_certificate(const CertificateWishes& wishes, gnutls_x509_privkey_t key) {
  constexpr std::time_t kDay = 24 * 3600;
  const std::time_t now = std::time(nullptr);
  CertificatePtr certificate = new_certificate();
  gnutls_x509_crt_t crt = certificate.get();
  check(gnutls_x509_crt_set_version(crt, 3));
  check(gnutls_x509_crt_set_serial(crt, "\x07", 1));
  check(gnutls_x509_crt_set_activation_time(crt, now - 30 * kDay));
  check(gnutls_x509_crt_set_expiration_time(crt, wishes.is_expired ? now - kDay : now + kDay));
  check(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0,
                                      wishes.common_name.data(),
                                      static_cast<unsigned>(wishes.common_name.size())));
  check(gnutls_x509_crt_set_key(crt, key));
  check(gnutls_x509_crt_set_basic_constraints(crt, wishes.is_authority ? 1 : 0, -1));
  check(gnutls_x509_crt_set_key_usage(
      crt, wishes.is_authority ? GNUTLS_KEY_KEY_CERT_SIGN : GNUTLS_KEY_DIGITAL_SIGNATURE));
  if (wishes.purpose) check(gnutls_x509_crt_set_key_purpose_oid(crt, wishes.purpose, 0));
  for (const auto& [kind, name] : wishes.names) {
    check(gnutls_x509_crt_set_subject_alt_name(
        crt, kind, name.data(), static_cast<unsigned>(name.size()), GNUTLS_FSAN_APPEND));
  }
  return certificate;
}

Identity sign(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key, gnutls_x509_crt_t issuer,
              gnutls_x509_privkey_t issuer_key) {
  check(gnutls_x509_crt_sign2(certificate, issuer, issuer_key, GNUTLS_DIG_SHA256, 0));
  gnutls_datum_t certificate_pem{};
  gnutls_datum_t key_pem{};
  check(gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &certificate_pem));
  check(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, nullptr, GNUTLS_PKCS_PLAIN,
                                          &key_pem));
  return {take(certificate_pem), take(key_pem)};
}

}  // namespace

Identity make_identity(const CertificateWishes& wishes) {
  const PrivateKeyPtr key = new_key();
  check(gnutls_x509_privkey_generate(key.get(), wishes.key_kind, key_bits(wishes.key_kind), 0));
  const CertificatePtr certificate = unsigned_certificate(wishes, key.get());
  return sign(certificate.get(), key.get(), certificate.get(), key.get());
}

Identity make_identity(const CertificateWishes& wishes, const Identity& issuer) {
  std::string issuer_certificate_pem = issuer.certificate_pem;
  std::string issuer_key_pem = issuer.key_pem;
  const gnutls_datum_t certificate_text = datum(issuer_certificate_pem);
  const gnutls_datum_t key_text = datum(issuer_key_pem);
  const CertificatePtr issuer_certificate = new_certificate();
  const PrivateKeyPtr issuer_key = new_key();
  check(gnutls_x509_crt_import(issuer_certificate.get(), &certificate_text, GNUTLS_X509_FMT_PEM));
  check(gnutls_x509_privkey_import(issuer_key.get(), &key_text, GNUTLS_X509_FMT_PEM));

  const PrivateKeyPtr key = new_key();
  check(gnutls_x509_privkey_generate(key.get(), wishes.key_kind, key_bits(wishes.key_kind), 0));
  const CertificatePtr certificate = unsigned_certificate(wishes, key.get());
  return sign(certificate.get(), key.get(), issuer_certificate.get(), issuer_key.get());
}

std::string encrypted(const std::string& key_pem) {
  std::string text = key_pem;
  const gnutls_datum_t pem = datum(text);
  const PrivateKeyPtr key = new_key();
  check(gnutls_x509_privkey_import(key.get(), &pem, GNUTLS_X509_FMT_PEM));
  gnutls_datum_t result{};
  check(gnutls_x509_privkey_export2_pkcs8(key.get(), GNUTLS_X509_FMT_PEM, "secret",
                                          GNUTLS_PKCS_PBES2_AES_128, &result));
  return take(result);
}

std::string of_unknown_curve(const std::string& certificate_pem) {
  // RFC 5480, 2.1.1.1: 1.2.840.10045.3.1.7, of which the last becomes one that nobody gave out.
  constexpr std::string_view kP256 = "\x2a\x86\x48\xce\x3d\x03\x01\x07";
  constexpr char kNobodys = '\x7f';
  std::string text = certificate_pem;
  const gnutls_datum_t pem = datum(text);
  gnutls_datum_t der_datum{};
  check(gnutls_pem_base64_decode2("CERTIFICATE", &pem, &der_datum));
  std::string der = take(der_datum);
  der.at(der.find(kP256) + kP256.size() - 1) = kNobodys;
  const gnutls_datum_t changed = datum(der);
  gnutls_datum_t result{};
  check(gnutls_pem_base64_encode2("CERTIFICATE", &changed, &result));
  return take(result);
}

}  // namespace timewait::tls
