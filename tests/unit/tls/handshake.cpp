#include "handshake.h"

#include <array>
#include <memory>
#include <stdexcept>

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "tls/handles.h"

namespace timewait::tls {
namespace {

using Session = Owner<gnutls_session_t, gnutls_deinit>;

void check(int code) {
  if (code < 0) throw std::runtime_error(gnutls_strerror(code));
}

struct SocketPair {
  SocketPair() {
    std::array<int, 2> fds{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) != 0) {
      throw std::runtime_error("socketpair");
    }
    server = base::UniqueFd(fds[0]);
    client = base::UniqueFd(fds[1]);
  }
  base::UniqueFd server;
  base::UniqueFd client;
};

Session new_session(unsigned role, int fd) {
  gnutls_session_t session = nullptr;
  check(gnutls_init(&session, role | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL));
  gnutls_transport_set_int(session, fd);
  return Session(session);
}

struct Server {
  Server(const ServerContext& context, int fd)
      : session(new_session(GNUTLS_SERVER, fd)), prepared(context.prepare(session.get())) {
    if (!prepared) throw std::runtime_error("prepare");
  }
  Session session;
  std::unique_ptr<PreparedSession> prepared;
};

CredentialsPtr credentials_of(const Client& client) {
  gnutls_certificate_credentials_t credentials = nullptr;
  check(gnutls_certificate_allocate_credentials(&credentials));
  if (client.identity) {
    Identity own = *client.identity;
    const auto datum = [](std::string& text) {
      return gnutls_datum_t{reinterpret_cast<unsigned char*>(text.data()),
                            static_cast<unsigned>(text.size())};
    };
    const gnutls_datum_t certificate = datum(own.certificate_pem);
    const gnutls_datum_t key = datum(own.key_pem);
    gnutls_certificate_set_flags(credentials, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
    check(
        gnutls_certificate_set_x509_key_mem(credentials, &certificate, &key, GNUTLS_X509_FMT_PEM));
  }
  return CredentialsPtr(credentials);
}

// GNUTLS_FORCE_CLIENT_CERT: even if the server names authorities that did not sign it.
Session client_session(const Client& client, gnutls_certificate_credentials_t credentials, int fd) {
  Session session = new_session(GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT, fd);
  check(gnutls_priority_set_direct(session.get(), client.priorities.c_str(), nullptr));
  check(gnutls_credentials_set(session.get(), GNUTLS_CRD_CERTIFICATE, credentials));
  return session;
}

std::string common_name_of_peer(gnutls_session_t session) {
  unsigned count = 0;
  const gnutls_datum_t* const list = gnutls_certificate_get_peers(session, &count);
  if (list == nullptr) return {};
  gnutls_x509_crt_t created = nullptr;
  check(gnutls_x509_crt_init(&created));
  const CertificatePtr certificate(created);
  check(gnutls_x509_crt_import(created, &list[0], GNUTLS_X509_FMT_DER));
  std::array<char, 64> name{};
  std::size_t size = name.size();
  check(gnutls_x509_crt_get_dn_by_oid(created, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name.data(),
                                      &size));
  return {name.data(), size};
}

void describe(gnutls_session_t client, Handshake& handshake) {
  handshake.version = gnutls_protocol_get_version(client);
  handshake.cipher = gnutls_cipher_get_name(gnutls_cipher_get(client));
  if (const char* const group = gnutls_group_get_name(gnutls_group_get(client))) {
    handshake.curve = group;
  }
  gnutls_datum_t client_random{};
  gnutls_datum_t server_random{};
  gnutls_session_get_random(client, &client_random, &server_random);
  handshake.server_random.assign(reinterpret_cast<const char*>(server_random.data),
                                 server_random.size);
  handshake.server_common_name = common_name_of_peer(client);
}

bool is_over(int code) { return code != GNUTLS_E_AGAIN && code != GNUTLS_E_INTERRUPTED; }

// Each flight of either side is there as soon as it is sent.
void run_handshakes(gnutls_session_t server, int& server_code, gnutls_session_t client,
                    int& client_code) {
  constexpr int kMoreThanEnoughFlights = 20;
  server_code = client_code = GNUTLS_E_AGAIN;
  for (int i = 0; i < kMoreThanEnoughFlights; ++i) {
    if (!is_over(client_code)) client_code = gnutls_handshake(client);
    if (!is_over(server_code)) server_code = gnutls_handshake(server);
  }
}

}  // namespace

Handshake shake_hands(const ServerContext& context, const Client& client) {
  const SocketPair sockets;
  const Server server(context, sockets.server.get());
  const CredentialsPtr credentials = credentials_of(client);
  const Session peer = client_session(client, credentials.get(), sockets.client.get());

  int server_code = 0;
  int client_code = 0;
  run_handshakes(server.session.get(), server_code, peer.get(), client_code);
  Handshake handshake;
  if (client_code == GNUTLS_E_SUCCESS) {
    describe(peer.get(), handshake);
    gnutls_record_send(peer.get(), "x", 1);
    char byte = 0;
    handshake.completed =
        server_code == GNUTLS_E_SUCCESS && gnutls_record_recv(server.session.get(), &byte, 1) == 1;
    client_code = static_cast<int>(gnutls_record_recv(peer.get(), &byte, 1));
  }
  if (client_code == GNUTLS_E_FATAL_ALERT_RECEIVED) handshake.alert = gnutls_alert_get(peer.get());
  return handshake;
}

std::size_t kib_taken(const ServerContext& context, std::size_t kib, bool are_requests) {
  const SocketPair sockets;
  const Server server(context, sockets.server.get());
  const CredentialsPtr credentials = credentials_of({});
  const Session peer = client_session({}, credentials.get(), sockets.client.get());
  int server_code = 0;
  int client_code = 0;
  run_handshakes(server.session.get(), server_code, peer.get(), client_code);
  check(server_code);
  check(client_code);
  std::array<char, 1024> piece{};
  for (std::size_t taken = 0; taken < kib; ++taken) {
    gnutls_record_send(peer.get(), piece.data(), piece.size());
    if (gnutls_record_recv(server.session.get(), piece.data(), piece.size()) <= 0) return taken;
    if (are_requests) server.prepared->request_received();
  }
  return kib;
}

int answer_to(const ServerContext& context, const std::string& bytes) {
  const SocketPair sockets;
  const Server server(context, sockets.server.get());
  if (::write(sockets.client.get(), bytes.data(), bytes.size()) !=
      static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("write");
  }
  // GnuTLS may want to be called again though there is more to read.
  int code = GNUTLS_E_AGAIN;
  int unread = 0;
  do {
    code = gnutls_handshake(server.session.get());
    ::ioctl(sockets.server.get(), FIONREAD, &unread);
  } while (!is_over(code) && unread > 0);
  return code;
}

std::string client_hello(const Client& client) {
  const SocketPair sockets;
  const CredentialsPtr credentials = credentials_of(client);
  const Session peer = client_session(client, credentials.get(), sockets.client.get());
  gnutls_handshake(peer.get());
  std::array<char, 4096> bytes{};
  const ssize_t size = ::read(sockets.server.get(), bytes.data(), bytes.size());
  if (size <= 0) throw std::runtime_error("read");
  return {bytes.data(), static_cast<std::size_t>(size)};
}

}  // namespace timewait::tls
