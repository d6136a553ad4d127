// TLS for the server's side of connections, on GnuTLS, whose sessions the HTTP library makes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tls/server_settings.h"

// GnuTLS's own types, so that whoever hands on a session needs none of its headers.
struct gnutls_session_int;
struct gnutls_cert_retr_st;
struct gnutls_pcert_st;
struct gnutls_ocsp_data_st;
struct gnutls_privkey_st;

namespace timewait::tls {

// One reason why there can be no server with these settings.
struct Fault {
  enum class Setting {
    kCertificate,
    kKey,
    kClientCa,
    kClientAuth,
    kClientAllowedSans,
    kVersions,
    kCipherSuites,
    kCurves,
  };

  Setting setting;
  std::string message;  // what is wrong with it (what is allowed); never holds a secret
};

// A certificate, its key and the rules, ready for any number of handshakes. Immutable: for a new
// certificate make a new context and prepare the connections to come with it. Thread-safe.
//
// With GNU libmicrohttpd (0.9.75) it goes like this.
//  - MHD_start_daemon with MHD_USE_TLS and MHD_OPTION_HTTPS_CERT_CALLBACK2, &refuse_handshake, as
//    MHD insists on some certificate. No other option of its TLS: prepare() overrides them.
//  - In the callback of MHD_OPTION_NOTIFY_CONNECTION at MHD_CONNECTION_NOTIFY_STARTED, which comes
//    before the first byte of the handshake: MHD_CONNECTION_INFO_GNUTLS_SESSION, then prepare().
//    Keep a shared_ptr to the context in what the connection's socket_context points to.
//  - At MHD_CONNECTION_NOTIFY_CLOSED the session still exists, but no handshake is done any more:
//    the shared_ptr may go there.
// The daemon goes on when the context is replaced by another one. From TLS to plain text and back
// takes another daemon, since MHD_USE_TLS is for its life.
class ServerContext {
 public:
  // Or everything that is wrong with the settings.
  static base::Result<std::shared_ptr<const ServerContext>, std::vector<Fault>> create(
      const ServerSettings& settings);

  virtual ~ServerContext() = default;
  ServerContext(const ServerContext&) = delete;
  ServerContext& operator=(const ServerContext&) = delete;

  // Makes a server's session one of this context: whatever was set before (priorities, credentials,
  // the request of a client certificate, the session's pointer) is replaced. Only before the
  // handshake, and the context must outlive the session's handshake. A client that may not connect
  // gets an alert during the handshake, which then fails.
  // False if memory ran out: the session must not be used, and its handshake will fail.
  virtual bool prepare(gnutls_session_int* session) const = 0;

 protected:
  ServerContext() = default;
};

// A gnutls_certificate_retrieve_function3 that has no certificate to show: a handshake that nobody
// prepared fails.
int refuse_handshake(gnutls_session_int* session, const gnutls_cert_retr_st* info,
                     gnutls_pcert_st** certificates, unsigned* certificate_count,
                     gnutls_ocsp_data_st** ocsp, unsigned* ocsp_count, gnutls_privkey_st** key,
                     unsigned* flags);

}  // namespace timewait::tls
