#include "tls/credentials.h"

#include <string>

#include <gnutls/abstract.h>

#include "tls/cipher_suites.h"

namespace timewait::tls {
namespace {

using Setting = Fault::Setting;

constexpr char kCertificatesAllowed[] = " (allowed: X.509 certificates in PEM)";
constexpr char kKeysAllowed[] = " (allowed: an RSA, ECDSA or Ed25519 key in PEM, not encrypted)";

// GnuTLS only reads what it gets in this way.
gnutls_datum_t datum(const std::string& text) {
  return {const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(text.data())),
          static_cast<unsigned>(text.size())};
}

// The certificates of one PEM text, of which there is at least one.
struct CertificateList {
  std::vector<CertificatePtr> owned;
  std::vector<gnutls_x509_crt_t> handles;  // the same
};

base::Result<CertificateList, Fault> parse_certificates(const std::string& pem, Setting setting) {
  const gnutls_datum_t text = datum(pem);
  gnutls_x509_crt_t* items = nullptr;
  unsigned count = 0;
  const int error = gnutls_x509_crt_list_import2(&items, &count, &text, GNUTLS_X509_FMT_PEM, 0);
  if (error == GNUTLS_E_NO_CERTIFICATE_FOUND) {
    return Fault{setting, std::string("holds no certificate") + kCertificatesAllowed};
  }
  if (error != GNUTLS_E_SUCCESS) {
    return Fault{setting, std::string("holds a certificate that cannot be read: ") +
                              gnutls_strerror(error) + kCertificatesAllowed};
  }
  CertificateList list;
  list.handles.assign(items, items + count);
  gnutls_free(items);
  for (gnutls_x509_crt_t handle : list.handles) list.owned.emplace_back(handle);
  return list;
}

Fault key_fault(const std::string& what) { return {Setting::kKey, what + kKeysAllowed}; }

base::Result<PrivateKeyPtr, Fault> parse_key(const std::string& pem) {
  if (pem.find("PRIVATE KEY-----") == std::string::npos) {
    return key_fault("holds no private key");
  }
  gnutls_x509_privkey_t created = nullptr;
  if (const int error = gnutls_x509_privkey_init(&created); error < 0) {
    return key_fault(gnutls_strerror(error));
  }
  PrivateKeyPtr key(created);
  const gnutls_datum_t text = datum(pem);
  const int error = gnutls_x509_privkey_import2(key.get(), &text, GNUTLS_X509_FMT_PEM, nullptr, 0);
  if (error == GNUTLS_E_SUCCESS) return key;
  // What says so is not always the error: older kinds of encryption are a header in the text.
  if (error == GNUTLS_E_DECRYPTION_FAILED || pem.find("ENCRYPTED") != std::string::npos) {
    return key_fault("holds a private key that is encrypted");
  }
  return key_fault(std::string("holds a private key that cannot be read: ") +
                   gnutls_strerror(error));
}

// Empty if no cipher suite has a use for such a key.
std::string_view key_exchange_of(gnutls_x509_privkey_t key) {
  switch (gnutls_x509_privkey_get_pk_algorithm(key)) {
    case GNUTLS_PK_RSA:
    case GNUTLS_PK_RSA_PSS:
      return kEcdheRsa;
    case GNUTLS_PK_ECDSA:
    case GNUTLS_PK_EDDSA_ED25519:
      return kEcdheEcdsa;
    default:
      return {};
  }
}

// GnuTLS 3.7 leaks its copy of the private key where it does not understand the public key of a
// certificate; so it is asked first whether it understands each of them.
int set_key(const Credentials& credentials, CertificateList& chain, gnutls_x509_privkey_t key) {
  for (gnutls_x509_crt_t certificate : chain.handles) {
    gnutls_pcert_st imported{};
    const int error = gnutls_pcert_import_x509(&imported, certificate, 0);
    if (error < 0) return error;
    gnutls_pcert_deinit(&imported);
  }
  return gnutls_certificate_set_x509_key(credentials.handle.get(), chain.handles.data(),
                                         static_cast<int>(chain.handles.size()), key);
}

void set_identity(Credentials& credentials, const ServerSettings& settings,
                  std::vector<Fault>& faults) {
  base::Result<CertificateList, Fault> chain =
      parse_certificates(settings.certificate_pem, Setting::kCertificate);
  base::Result<PrivateKeyPtr, Fault> key = parse_key(settings.key_pem);
  if (!chain) faults.push_back(chain.error());
  if (!key) faults.push_back(key.error());
  if (!chain || !key) return;

  credentials.key_exchange = key_exchange_of(key->get());
  if (credentials.key_exchange.empty()) {
    faults.push_back(key_fault("holds a private key of a kind that TLS has no use for"));
    return;
  }
  const int error = set_key(credentials, *chain, key->get());
  if (error == GNUTLS_E_CERTIFICATE_KEY_MISMATCH) {
    faults.push_back({Setting::kKey,
                      "is not the key of the certificate (allowed: the key of the first "
                      "certificate of the chain)"});
  } else if (error < 0) {
    faults.push_back({Setting::kCertificate, std::string("cannot be used: ") +
                                                 gnutls_strerror(error) + kCertificatesAllowed});
  }
}

void set_client_ca(const Credentials& credentials, const std::string& pem,
                   std::vector<Fault>& faults) {
  base::Result<CertificateList, Fault> list = parse_certificates(pem, Setting::kClientCa);
  if (!list) {
    faults.push_back(list.error());
    return;
  }
  const int error = gnutls_certificate_set_x509_trust(
      credentials.handle.get(), list->handles.data(), static_cast<int>(list->handles.size()));
  if (error < 0) {
    faults.push_back({Setting::kClientCa, std::string("cannot be used: ") + gnutls_strerror(error) +
                                              kCertificatesAllowed});
  }
}

}  // namespace

Credentials make_credentials(const ServerSettings& settings, std::vector<Fault>& faults) {
  Credentials credentials;
  gnutls_certificate_credentials_t allocated = nullptr;
  if (const int error = gnutls_certificate_allocate_credentials(&allocated); error < 0) {
    faults.push_back({Setting::kCertificate, gnutls_strerror(error)});
    return credentials;
  }
  credentials.handle.reset(allocated);
  set_identity(credentials, settings, faults);
  if (settings.client_ca_pem) set_client_ca(credentials, *settings.client_ca_pem, faults);
  return credentials;
}

}  // namespace timewait::tls
