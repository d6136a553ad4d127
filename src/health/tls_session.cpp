#include "health/tls_session.h"

#include <string>

#include <poll.h>

namespace timewait::health {

TlsSession::TlsSession(const Socket& socket) : socket_(socket) {
  gnutls_certificate_credentials_t credentials = nullptr;
  gnutls_certificate_allocate_credentials(&credentials);
  credentials_.reset(credentials);
  gnutls_session_t session = nullptr;
  gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
  session_.reset(session);
  if (!credentials_ || !session_) return;  // send() will say so
  // The server may be set to an old version alone.
  gnutls_priority_set_direct(session, "NORMAL:+VERS-TLS-ALL", nullptr);
  gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_transport_set_int(session, socket.fd());
}

base::Status<> TlsSession::send(std::string_view bytes) {
  if (!credentials_ || !session_) return base::Error{"no memory for TLS"};
  auto done = complete([this] { return gnutls_handshake(session_.get()); });
  // A record holds far more than a request.
  if (done) {
    done = complete([&] { return gnutls_record_send(session_.get(), bytes.data(), bytes.size()); });
  }
  if (!done) return done.error();
  return base::Ok{};
}

base::Result<std::size_t> TlsSession::receive(std::span<char> buffer) {
  return complete([&] { return gnutls_record_recv(session_.get(), buffer.data(), buffer.size()); });
}

template <typename Call>
base::Result<std::size_t> TlsSession::complete(Call call) {
  for (;;) {
    const ssize_t result = call();
    if (result >= 0) return static_cast<std::size_t>(result);
    const int code = static_cast<int>(result);
    if (gnutls_error_is_fatal(code) != 0) return failure(code);
    if (code != GNUTLS_E_AGAIN) continue;  // a warning, or a new session ticket
    const bool is_sending = gnutls_record_get_direction(session_.get()) == 1;
    const base::Status<> ready = socket_.wait(is_sending ? POLLOUT : POLLIN);
    if (!ready) return ready.error();
  }
}

base::Error TlsSession::failure(int code) {
  if (code != GNUTLS_E_FATAL_ALERT_RECEIVED) {
    return {std::string("TLS: ") + gnutls_strerror(code)};
  }
  const gnutls_alert_description_t alert = gnutls_alert_get(session_.get());
  turned_away_ = alert != GNUTLS_A_INTERNAL_ERROR;  // which tells of the server
  const char* const name = gnutls_alert_get_name(alert);
  return {std::string("TLS alert: ") + (name != nullptr ? name : std::to_string(alert))};
}

}  // namespace timewait::health
