// Certificates and keys for tests, made when they are asked for.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

namespace timewait::tls {

struct Identity {
  std::string certificate_pem;
  std::string key_pem;
};

struct CertificateWishes {
  std::string common_name = "someone";
  gnutls_pk_algorithm_t key_kind = GNUTLS_PK_ECDSA;
  // Of its subject, besides the common name; an address as its bytes.
  std::vector<std::pair<gnutls_x509_subject_alt_name_t, std::string>> names = {};
  const char* purpose = nullptr;  // an OID such as GNUTLS_KP_TLS_WWW_CLIENT
  bool is_authority = false;
  bool is_expired = false;
};

// Signed by itself, or by `issuer`.
Identity make_identity(const CertificateWishes& wishes);
Identity make_identity(const CertificateWishes& wishes, const Identity& issuer);

// The same key under a password.
std::string encrypted(const std::string& key_pem);

// The same certificate, of a key on a curve that does not exist; it holds P-256 to begin with.
std::string of_unknown_curve(const std::string& certificate_pem);

}  // namespace timewait::tls
