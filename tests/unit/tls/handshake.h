// A handshake within the process: a context's session and a client of GnuTLS, at the two ends of a
// socket pair.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <gnutls/gnutls.h>

#include "made_certificates.h"
#include "tls/server_context.h"

namespace timewait::tls {

struct Client {
  std::string priorities = "NORMAL";
  std::optional<Identity> identity;  // whose key may be that of another certificate
};

struct Handshake {
  bool completed = false;  // and the server could read a byte of the client
  std::optional<gnutls_alert_description_t> alert;  // that the client got
  gnutls_protocol_t version = GNUTLS_VERSION_UNKNOWN;
  std::string cipher;
  std::string curve;
  std::string server_random;
  std::string server_common_name;
};

Handshake shake_hands(const ServerContext& context, const Client& client);

// Of so many KiB that a client sends after the handshake, one after another: how many are read.
// Each may be a request.
std::size_t kib_taken(const ServerContext& context, std::size_t kib, bool are_requests);

// How the context's session answers these bytes: GNUTLS_E_AGAIN if it waits for more.
int answer_to(const ServerContext& context, const std::string& bytes);

// What such a client says first.
std::string client_hello(const Client& client);

}  // namespace timewait::tls
