// TLS for the server's side of connections, on GnuTLS, whose sessions the HTTP library makes.
#pragma once

#include <cstddef>
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

// What a context holds for one session of GnuTLS; to be kept until that session is gone. Not
// thread-safe, as the session.
//
// GnuTLS itself keeps handshake messages of up to 16 MiB, before and after the handshake, for
// whoever sends them. So when kMaxUnansweredBytes came from the client without a request, the
// connection fails. A handshake takes a few KiB.
class PreparedSession {
 public:
  static constexpr std::size_t kMaxUnansweredBytes = std::size_t{64} << 10;

  virtual ~PreparedSession() = default;
  PreparedSession(const PreparedSession&) = delete;
  PreparedSession& operator=(const PreparedSession&) = delete;

  // Call for the head of each request, and for each piece of a body: the count begins anew.
  virtual void request_received() = 0;

 protected:
  PreparedSession() = default;
};

// A certificate, its key and the rules, ready for any number of handshakes. Immutable: for a new
// certificate make a new context and prepare the connections to come with it. Thread-safe.
//
// With GNU libmicrohttpd (0.9.75) it goes like this.
//  - MHD_start_daemon with MHD_USE_TLS and MHD_OPTION_HTTPS_CERT_CALLBACK2, &refuse_handshake, as
//    MHD insists on some certificate. No other option of its TLS: prepare() overrides them.
//  - In the callback of MHD_OPTION_NOTIFY_CONNECTION at MHD_CONNECTION_NOTIFY_STARTED, which comes
//    before the first byte of the handshake: MHD_CONNECTION_INFO_GNUTLS_SESSION, then prepare().
//    The result belongs into what the connection's socket_context points to.
//  - At MHD_CONNECTION_NOTIFY_CLOSED the session is gone already: the result may go there, too.
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

  // Whether nobody gets in without a certificate.
  virtual bool requires_client_certificate() const = 0;

  // Makes a server's session, whose transport is a socket, one of this context: whatever was set
  // before (priorities, credentials, the request of a client certificate, the session's pointer,
  // how it reads) is replaced. Only before the handshake. A client that may not connect gets an
  // alert during the handshake, which then fails. The result keeps the context. nullptr if memory
  // ran out: then the handshake will fail.
  virtual std::unique_ptr<PreparedSession> prepare(gnutls_session_int* session) const = 0;

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
