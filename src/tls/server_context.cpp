#include "tls/server_context.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <gnutls/gnutls.h>
#include <sys/socket.h>

#include "tls/client_check.h"
#include "tls/credentials.h"
#include "tls/names.h"
#include "tls/priorities.h"

namespace timewait::tls {
namespace {

using Setting = Fault::Setting;

constexpr unsigned kSupportedVersions = 43;  // the extension: RFC 8446, 4.2
constexpr std::uint8_t kTls13[2] = {3, 4};

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

struct Rules {
  ClientAuth client_auth;
  std::vector<std::string> client_allowed_sans;
  CredentialsPtr credentials;
  Priorities priorities;
};

// GnuTLS knows it as the session's pointer, and as what the session reads from.
class Session : public PreparedSession {
 public:
  Session(std::shared_ptr<const Rules> rules, gnutls_session_t session);

  void request_received() override { allowance_ = kMaxUnansweredBytes; }

 private:
  static int on_client_hello(gnutls_session_t session, unsigned type, unsigned when,
                             unsigned incoming, const gnutls_datum_t* message);
  static int on_client_certificate(gnutls_session_t session);
  static ssize_t read(gnutls_transport_ptr_t session, void* data, std::size_t size);
  static int wait(gnutls_transport_ptr_t session, unsigned timeout_ms);
  static const Rules& rules_of(gnutls_session_t session) {
    return *static_cast<const Session*>(gnutls_session_get_ptr(session))->rules_;
  }

  std::shared_ptr<const Rules> rules_;
  int fd_;
  gnutls_transport_ptr_t read_end_ = nullptr;  // the same, as GnuTLS has it
  std::size_t allowance_ = kMaxUnansweredBytes;
};

Session::Session(std::shared_ptr<const Rules> rules, gnutls_session_t session)
    : rules_(std::move(rules)), fd_(gnutls_transport_get_int(session)) {
  gnutls_session_set_ptr(session, this);
  gnutls_transport_ptr_t write_end = nullptr;
  gnutls_transport_get_ptr2(session, &read_end_, &write_end);
  gnutls_transport_set_ptr2(session, this, write_end);
  gnutls_transport_set_pull_function(session, &Session::read);
  gnutls_transport_set_pull_timeout_function(session, &Session::wait);
  // Not GNUTLS_CERT_REQUIRE: GnuTLS would end the handshake without a word to the client.
  gnutls_certificate_server_set_request(
      session, rules_->client_auth == ClientAuth::kNone ? GNUTLS_CERT_IGNORE : GNUTLS_CERT_REQUEST);
  gnutls_session_set_verify_function(session, &Session::on_client_certificate);
  if (rules_->priorities.up_to_tls12 && rules_->priorities.tls13) {
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_PRE,
                                       &Session::on_client_hello);
  }
}

// Before GnuTLS looks at the message itself. A second one, which answers a HelloRetryRequest, is
// decided in the same way.
int Session::on_client_hello(gnutls_session_t session, unsigned, unsigned, unsigned,
                             const gnutls_datum_t* message) {
  bool speaks_tls13 = false;
  gnutls_ext_raw_parse(&speaks_tls13, &look_for_tls13, message,
                       GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO);
  return speaks_tls13 ? gnutls_priority_set(session, rules_of(session).priorities.tls13.get())
                      : GNUTLS_E_SUCCESS;
}

// Called in every handshake that asks for a certificate, before the client is believed anything;
// in TLS 1.2 before it has proven that the key is its own, which GnuTLS demands then.
int Session::on_client_certificate(gnutls_session_t session) {
  const Rules& rules = rules_of(session);
  const auto alert = check_client(session, rules.client_auth, rules.client_allowed_sans);
  if (!alert) return GNUTLS_E_SUCCESS;
  // Whether it gets through or not, the handshake fails.
  gnutls_alert_send(session, GNUTLS_AL_FATAL, *alert);
  return GNUTLS_E_CERTIFICATE_ERROR;
}

// gnutls_pull_func, as recv(2).
ssize_t Session::read(gnutls_transport_ptr_t session, void* data, std::size_t size) {
  Session& self = *static_cast<Session*>(session);
  if (self.allowance_ == 0) {
    errno = ECONNRESET;
    return -1;
  }
  const ssize_t count = ::recv(self.fd_, data, size, 0);
  if (count > 0) self.allowance_ -= std::min(self.allowance_, static_cast<std::size_t>(count));
  return count;
}

// gnutls_pull_timeout_func: GnuTLS's own, for the socket behind.
int Session::wait(gnutls_transport_ptr_t session, unsigned timeout_ms) {
  return gnutls_system_recv_timeout(static_cast<const Session*>(session)->read_end_, timeout_ms);
}

class Context : public ServerContext {
 public:
  explicit Context(Rules rules) : rules_(std::make_shared<const Rules>(std::move(rules))) {}

  bool requires_client_certificate() const override {
    return requires_certificate(rules_->client_auth);
  }
  std::unique_ptr<PreparedSession> prepare(gnutls_session_int* session) const override;

 private:
  std::shared_ptr<const Rules> rules_;
};

// What can fail comes first, so that a session that is not prepared has nothing of ours; without
// credentials it cannot do a handshake.
std::unique_ptr<PreparedSession> Context::prepare(gnutls_session_int* session) const {
  const Priorities& priorities = rules_->priorities;
  gnutls_credentials_clear(session);
  const PriorityPtr& first = priorities.up_to_tls12 ? priorities.up_to_tls12 : priorities.tls13;
  if (gnutls_priority_set(session, first.get()) < 0 ||
      gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, rules_->credentials.get()) < 0) {
    return nullptr;
  }
  return std::make_unique<Session>(rules_, session);
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
      Rules{settings.client_auth, settings.client_allowed_sans, std::move(credentials.handle),
            std::move(*priorities)}));
}

int refuse_handshake(gnutls_session_int*, const gnutls_cert_retr_st*, gnutls_pcert_st**, unsigned*,
                     gnutls_ocsp_data_st**, unsigned*, gnutls_privkey_st**, unsigned*) {
  return -1;
}

}  // namespace timewait::tls
