// What a TLS server is to be like, as plain values. The words and what they mean are those of Go's
// crypto/tls, because configurations written for Go servers use them.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace timewait::tls {

enum class Version { kTls10, kTls11, kTls12, kTls13 };

// What is asked of a client. "Verify" is: the certificate chains up to client_ca_pem alone, every
// certificate of the chain is valid today, and it may be used for client authentication. Whoever
// shows a certificate proves that the key is theirs, in every case.
enum class ClientAuth {
  kNone,
  kRequest,        // asks for one, takes any and none
  kRequireAny,     // takes any
  kVerifyIfGiven,  // takes none, or verifies
  kRequireAndVerify,
};

// Whether the certificate that a client shows has to be one of client_ca_pem's.
constexpr bool verifies(ClientAuth auth) {
  return auth == ClientAuth::kVerifyIfGiven || auth == ClientAuth::kRequireAndVerify;
}

// Whether nobody gets in without a certificate.
constexpr bool requires_certificate(ClientAuth auth) {
  return auth == ClientAuth::kRequireAny || auth == ClientAuth::kRequireAndVerify;
}

// Go's tls.CipherSuites(). Those of TLS 1.3 are not here: they cannot be chosen, in Go neither.
enum class CipherSuite {
  kEcdheEcdsaAes128CbcSha,
  kEcdheEcdsaAes256CbcSha,
  kEcdheEcdsaAes128GcmSha256,
  kEcdheEcdsaAes256GcmSha384,
  kEcdheEcdsaChacha20Poly1305,
  kEcdheRsaAes128CbcSha,
  kEcdheRsaAes256CbcSha,
  kEcdheRsaAes128GcmSha256,
  kEcdheRsaAes256GcmSha384,
  kEcdheRsaChacha20Poly1305,
};

enum class Curve { kP256, kP384, kP521, kX25519 };

struct ServerSettings {
  std::string certificate_pem;               // the server's own first, then its intermediates
  std::string key_pem;                       // of the server's own certificate; not encrypted
  std::optional<std::string> client_ca_pem;  // for the two that verify: one certificate or more
  ClientAuth client_auth = ClientAuth::kNone;
  // If not empty: DNS names, e-mail addresses, IP addresses and URIs. The client's certificate must
  // have one of them as a subject alternative name, to the letter.
  std::vector<std::string> client_allowed_sans;
  Version min_version = Version::kTls12;
  Version max_version = Version::kTls13;
  // For TLS 1.2 and below; best first. Nothing: all of them, AEAD and the shorter key first. What
  // the certificate's key cannot use is passed over; if nothing is left, only TLS 1.3 is spoken.
  std::optional<std::vector<CipherSuite>> cipher_suites;
  std::vector<Curve> curves;  // best first. None: all of them, X25519 first
  // Whose order of cipher suites, and of curves, counts: the server's, or else the client's.
  bool prefer_server_cipher_suites = true;
};

}  // namespace timewait::tls
