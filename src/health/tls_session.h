// The client's side of TLS on a Socket, for talking to oneself: the server's certificate is not
// verified. Not thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <gnutls/gnutls.h>

#include "base/result.h"
#include "health/socket.h"
#include "tls/handles.h"

namespace timewait::health {

class TlsSession {
 public:
  // The handshake follows with the first send(). `socket` outlives the session.
  explicit TlsSession(const Socket& socket);

  base::Status<> send(std::string_view bytes);
  // How many bytes have come, at least one; 0 when there will be no more.
  base::Result<std::size_t> receive(std::span<char> buffer);

  // Whether the server has turned this client away by an alert that tells of the client, such as
  // that it has shown no certificate.
  bool was_turned_away() const { return turned_away_; }

 private:
  // Calls it again until it is done: its last result.
  template <typename Call>
  base::Result<std::size_t> complete(Call call);
  base::Error failure(int code);

  const Socket& socket_;
  tls::CredentialsPtr credentials_;
  tls::SessionPtr session_;
  bool turned_away_ = false;
};

}  // namespace timewait::health
