#include "tls/server_context.h"

#include <cstdint>
#include <span>
#include <utility>

#include <gnutls/gnutls.h>

#include "tls/client_check.h"
#include "tls/credentials.h"
#include "tls/names.h"
#include "tls/priorities.h"

namespace timewait::tls {
namespace {

using Setting = Fault::Setting;

constexpr unsigned kSupportedVersions = 43;  // the extension: RFC 8446, 4.2
constexpr std::uint8_t kTls13[2] = {3, 4};

bool verifies(ClientAuth auth) {
  return auth == ClientAuth::kVerifyIfGiven || auth == ClientAuth::kRequireAndVerify;
}

bool requires_certificate(ClientAuth auth) {
  return auth == ClientAuth::kRequireAny || auth == ClientAuth::kRequireAndVerify;
}

// gnutls_ext_raw_process_func: notes in the bool whether the client speaks TLS 1.3. What of the
// extension is malformed is for GnuTLS to say, which reads it again.
int look_for_tls13(void* speaks_tls13, unsigned extension, const unsigned char* data,
                   unsigned size) {
  if (extension != kSupportedVersions) return GNUTLS_E_SUCCESS;
  const std::span<const unsigned char> bytes(data, size);
  for (std::size_t i = 1; i + 1 < bytes.size(); i += 2) {  // after the byte that is their length
    if (bytes[i] == kTls13[0] && bytes[i + 1] == kTls13[1]) {
      *static_cast<bool*>(speaks_tls13) = true;
    }
  }
  return GNUTLS_E_SUCCESS;
}

class Context : public ServerContext {
 public:
  Context(const ServerSettings& settings, CredentialsPtr credentials, Priorities priorities)
      : client_auth_(settings.client_auth),
        client_allowed_sans_(settings.client_allowed_sans),
        credentials_(std::move(credentials)),
        priorities_(std::move(priorities)) {}

  bool prepare(gnutls_session_int* session) const override;

 private:
  static int on_client_hello(gnutls_session_t session, unsigned type, unsigned when,
                             unsigned incoming, const gnutls_datum_t* message);
  static int on_client_certificate(gnutls_session_t session);
  static const Context& of(gnutls_session_t session) {
    return *static_cast<const Context*>(gnutls_session_get_ptr(session));
  }

  ClientAuth client_auth_;
  std::vector<std::string> client_allowed_sans_;
  CredentialsPtr credentials_;
  Priorities priorities_;
};

bool Context::prepare(gnutls_session_int* session) const {
  const bool both = priorities_.up_to_tls12 && priorities_.tls13;
  gnutls_priority_t priority =
      (priorities_.up_to_tls12 ? priorities_.up_to_tls12 : priorities_.tls13).get();
  gnutls_session_set_ptr(session, const_cast<Context*>(this));  // which of() makes const again
  // Not GNUTLS_CERT_REQUIRE: GnuTLS would end the handshake without a word to the client.
  gnutls_certificate_server_set_request(
      session, client_auth_ == ClientAuth::kNone ? GNUTLS_CERT_IGNORE : GNUTLS_CERT_REQUEST);
  gnutls_session_set_verify_function(session, &Context::on_client_certificate);
  if (both) {
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_PRE,
                                       &Context::on_client_hello);
  }
  gnutls_credentials_clear(session);
  return gnutls_priority_set(session, priority) == GNUTLS_E_SUCCESS &&
         gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials_.get()) ==
             GNUTLS_E_SUCCESS;
}

// Before GnuTLS looks at the message itself. A second one, which answers a HelloRetryRequest, is
// decided in the same way.
int Context::on_client_hello(gnutls_session_t session, unsigned, unsigned, unsigned,
                             const gnutls_datum_t* message) {
  bool speaks_tls13 = false;
  gnutls_ext_raw_parse(&speaks_tls13, &look_for_tls13, message,
                       GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO);
  return speaks_tls13 ? gnutls_priority_set(session, of(session).priorities_.tls13.get())
                      : GNUTLS_E_SUCCESS;
}

// Called in every handshake that asks for a certificate, before the client is believed anything;
// in TLS 1.2 before it has proven that the key is its own, which GnuTLS demands then.
int Context::on_client_certificate(gnutls_session_t session) {
  const Context& context = of(session);
  const auto alert = check_client(session, context.client_auth_, context.client_allowed_sans_);
  if (!alert) return GNUTLS_E_SUCCESS;
  // Whether it gets through or not, the handshake fails.
  gnutls_alert_send(session, GNUTLS_AL_FATAL, *alert);
  return GNUTLS_E_CERTIFICATE_ERROR;
}

// Settings that contradict each other, whatever the certificates are.
std::vector<Fault> find_contradictions(const ServerSettings& settings) {
  std::vector<Fault> faults;
  if (settings.min_version > settings.max_version) {
    const std::string lowest(name_of(settings.min_version));
    faults.push_back({Setting::kVersions, std::string(name_of(settings.max_version)) +
                                              " is below the lowest version, " + lowest +
                                              " (allowed: " + lowest + " or above)"});
  }
  if (verifies(settings.client_auth) && !settings.client_ca_pem) {
    faults.push_back({Setting::kClientAuth,
                      "needs client_ca or client_ca_file; without, every authority that the system "
                      "trusts could let clients in (allowed: NoClientCert, RequestClientCert or "
                      "RequireAnyClientCert)"});
  }
  if (settings.client_ca_pem && settings.client_auth == ClientAuth::kNone) {
    faults.push_back({Setting::kClientCa,
                      "is given, but clients are not asked for a certificate (allowed: with a "
                      "client_auth_type other than NoClientCert)"});
  }
  if (!settings.client_allowed_sans.empty() && !requires_certificate(settings.client_auth)) {
    faults.push_back({Setting::kClientAllowedSans,
                      "is given, but clients may come without a certificate (allowed: with the "
                      "client_auth_type RequireAndVerifyClientCert or RequireAnyClientCert)"});
  }
  return faults;
}

}  // namespace

base::Result<std::shared_ptr<const ServerContext>, std::vector<Fault>> ServerContext::create(
    const ServerSettings& settings) {
  std::vector<Fault> faults = find_contradictions(settings);
  Credentials credentials = make_credentials(settings, faults);
  if (!faults.empty()) return faults;
  base::Result<Priorities, Fault> priorities = make_priorities(settings, credentials.key_exchange);
  if (!priorities) return std::vector<Fault>{priorities.error()};
  return std::shared_ptr<const ServerContext>(std::make_shared<const Context>(
      settings, std::move(credentials.handle), std::move(*priorities)));
}

int refuse_handshake(gnutls_session_int*, const gnutls_cert_retr_st*, gnutls_pcert_st**, unsigned*,
                     gnutls_ocsp_data_st**, unsigned*, gnutls_privkey_st**, unsigned*) {
  return -1;
}

}  // namespace timewait::tls
