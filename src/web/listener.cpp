#include "web/listener.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <mutex>
#include <utility>

#include <strings.h>
#include <sys/socket.h>

#include "tls/server_context.h"
#include "web/accept.h"
#include "web/mhd_request.h"

namespace timewait::web {
namespace {

constexpr std::size_t kConnectionMemoryBytes = std::size_t{32}
                                               << 10;  // a request's head fits in it
constexpr std::size_t kSendBlockBytes = std::size_t{32} << 10;
// Without a byte from a client whose request is not complete, or to one that does not read its
// answer. libmicrohttpd may not notice that one which leaves in the middle of a request is gone.
constexpr unsigned kStallTimeoutSeconds = 15;
// Between requests. Longer than the usual intervals between scrapes, so that a scraper keeps its
// connection, and the TIME_WAIT at its end is the scraper's.
constexpr unsigned kIdleTimeoutSeconds = 120;

struct ResponseDeleter {
  void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};
using ResponsePtr = std::unique_ptr<MHD_Response, ResponseDeleter>;

// The kernel's number of a socket, unlike its descriptor never used twice; 0 if `fd` is no socket.
std::uint64_t socket_cookie(int fd) {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  return ::getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0 ? cookie : 0;
}

const char* allowed_methods(Method method) { return method == Method::kGet ? "GET, HEAD" : "POST"; }

bool is_allowed(Method allowed, std::string_view method) {
  if (allowed == Method::kPost) return method == MHD_HTTP_METHOD_POST;
  return method == MHD_HTTP_METHOD_GET || method == MHD_HTTP_METHOD_HEAD;
}

// Where the request ends is not certain, so nothing more is read.
Response bad_request() {
  Response response = plain_text(MHD_HTTP_BAD_REQUEST, "Bad request\n");
  response.headers.emplace_back(MHD_HTTP_HEADER_CONNECTION, "close");
  return response;
}

Response not_found() { return plain_text(MHD_HTTP_NOT_FOUND, "Not found\n"); }

Response method_not_allowed(Method allowed) {
  const std::string methods = allowed_methods(allowed);
  Response response = plain_text(MHD_HTTP_METHOD_NOT_ALLOWED, "Allowed here: " + methods + "\n");
  response.headers.emplace_back(MHD_HTTP_HEADER_ALLOW, methods);
  return response;
}

// A browser asks its user for a password at each 401, also where a script asked and nobody knows
// what for. A script that says so gets an answer without that question.
Response unauthorized(MHD_Connection* connection) {
  if (header_of(connection, "X-Requested-With") == "XMLHttpRequest") {
    return plain_text(MHD_HTTP_FORBIDDEN, "Forbidden\n");
  }
  Response response = plain_text(MHD_HTTP_UNAUTHORIZED, "Unauthorized\n");
  response.headers.emplace_back(MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Basic realm=\"metrics\"");
  return response;
}

Response call(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (...) {
    return plain_text(MHD_HTTP_INTERNAL_SERVER_ERROR, "Internal server error\n");
  }
}

bool contains(const Headers& headers, const std::string& name) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
    return ::strcasecmp(header.first.c_str(), name.c_str()) == 0;
  });
}

void add_headers(MHD_Response& reply, const Headers& headers, const Headers& replaced_by) {
  for (const auto& [name, value] : headers) {
    if (!contains(replaced_by, name)) MHD_add_response_header(&reply, name.c_str(), value.c_str());
  }
}

// MHD_ContentReaderCallback. Shutting a connection down takes its body away.
ssize_t read_body(void* closure, std::uint64_t position, char* buffer, std::size_t size) {
  const Body& body = static_cast<const Connections::Connection*>(closure)->body();
  if (!body || position >= body->size()) return MHD_CONTENT_READER_END_WITH_ERROR;
  return static_cast<ssize_t>(body->copy(buffer, size, static_cast<std::size_t>(position)));
}

}  // namespace

// A connection.
struct Listener::Client {
  Connections::Connection& connection;
  std::unique_ptr<tls::PreparedSession> session;  // null: plain HTTP
};

// A request and its answer. The worker has it to itself from MHD_suspend_connection() to resume(),
// but for `suspended`.
struct Listener::Exchange {
  std::string method;
  Request request;
  const Route* route = nullptr;  // null: there is none for the path
  std::shared_ptr<const Access> access;
  std::optional<Credentials> credentials;
  Verdict verdict = Verdict::kUnknown;
  std::optional<Response> response;

  std::mutex mutex;
  MHD_Connection* suspended = nullptr;  // guarded by mutex

  void suspend(MHD_Connection* connection) {
    const std::lock_guard lock(mutex);
    suspended = connection;
    MHD_suspend_connection(connection);
  }

  // The first who calls it ends the suspension: the worker that is done or drops its job, or
  // whoever shuts the connection down.
  void resume() {
    const std::lock_guard lock(mutex);
    if (suspended != nullptr) MHD_resume_connection(std::exchange(suspended, nullptr));
  }
};

Listener::Listener(Service& service, std::size_t max_connections, std::size_t max_body_bytes)
    : service_(service),
      max_connections_(max_connections),
      // libmicrohttpd stops accepting at its own limit; these leave before that.
      connections_(max_connections - std::max<std::size_t>(1, max_connections / 8),
                   max_body_bytes) {}

Listener::~Listener() {
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
}

base::Status<> Listener::start(ListeningSocket listening) {
  const std::uint64_t cookie = socket_cookie(listening.fd.get());
  const int fd = listening.fd.release();
  backlog_.watch(fd);
  const bool tls = service_.access()->tls != nullptr;
  const auto flags = static_cast<unsigned>(MHD_USE_EPOLL_INTERNAL_THREAD) |
                     static_cast<unsigned>(MHD_USE_ITC) |
                     static_cast<unsigned>(MHD_ALLOW_SUSPEND_RESUME) |
                     (tls ? static_cast<unsigned>(MHD_USE_TLS) : 0u);
  const auto plain = static_cast<int>(MHD_OPTION_END);
  daemon_ = MHD_start_daemon(
      // No MHD_USE_ERROR_LOG: it would write to stderr what clients do wrong.
      flags, 0, nullptr, nullptr, &Listener::on_request, this,               //
      MHD_OPTION_LISTEN_SOCKET, fd,                                          //
      MHD_OPTION_NOTIFY_CONNECTION, &Listener::on_connection, this,          //
      MHD_OPTION_NOTIFY_COMPLETED, &Listener::on_completed, this,            //
      MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned>(max_connections_),  //
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemoryBytes,            //
      MHD_OPTION_CONNECTION_TIMEOUT, kStallTimeoutSeconds,                   //
      MHD_OPTION_UNESCAPE_CALLBACK, &unescape, nullptr,                      //
      MHD_OPTION_STRICT_FOR_CLIENT, 1,                                       //
      // Each session gets what holds at its start, see on_connection().
      tls ? static_cast<int>(MHD_OPTION_HTTPS_CERT_CALLBACK2) : plain, &tls::refuse_handshake,
      MHD_OPTION_END);
  if (daemon_ != nullptr) return base::Ok{};  // which closes the socket when it stops
  // Of the ways to fail, some close the socket and some do not.
  if (socket_cookie(fd) == cookie) base::UniqueFd closes_it(fd);
  return base::Error{"cannot serve " + listening.bound.to_string() +
                     ": too few file descriptors, threads or memory"};
}

void Listener::on_connection(void* self, MHD_Connection* connection, void** context,
                             MHD_ConnectionNotificationCode code) noexcept {
  Listener& listener = *static_cast<Listener*>(self);
  const OngoingWork::Piece piece(listener.service_.ongoing);
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    listener.backlog_.accepted();
    const auto info = [&](MHD_ConnectionInfoType type) {
      return MHD_get_connection_info(connection, type);
    };
    const int fd = info(MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    auto client = std::make_unique<Client>(Client{listener.connections_.opened(fd), nullptr});
    if (const std::shared_ptr<const Access> access = listener.service_.access(); access->tls) {
      void* const session = info(MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session;
      // What cannot be prepared fails its handshake.
      client->session = access->tls->prepare(static_cast<gnutls_session_int*>(session));
    }
    *context = client.release();
  } else {
    // The session is gone by now; the descriptor is closed after this (MHD_cleanup_connections).
    const std::unique_ptr<Client> client(static_cast<Client*>(*context));
    listener.connections_.closed(client->connection);
  }
}

Listener::Client& Listener::client_of(MHD_Connection* connection) {
  return *static_cast<Client*>(
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context);
}

// Called when the head of a request is there, for each piece of its body, at its end, and after a
// suspension.
MHD_Result Listener::on_request(void* self, MHD_Connection* connection, const char* target,
                                const char* method, const char*, const char*,
                                std::size_t* upload_size, void** request_state) noexcept {
  Listener& listener = *static_cast<Listener*>(self);
  const OngoingWork::Piece piece(listener.service_.ongoing);
  try {
    Client& client = client_of(connection);
    if (client.connection.state() == Connections::State::kShutDown) return MHD_NO;
    if (client.session) client.session->request_received();
    if (*request_state == nullptr) {
      auto exchange = std::make_shared<Exchange>();
      exchange->method = method;
      exchange->request = {path_of(target), header_of(connection, MHD_HTTP_HEADER_ACCEPT)};
      *request_state = new ExchangePtr(exchange);
      return listener.begin(connection, *exchange);
    }
    if (*upload_size > 0) {
      *upload_size = 0;  // a body means nothing here (RFC 9110, 9.3.1)
      return MHD_YES;
    }
    return listener.go_on(connection, *static_cast<ExchangePtr*>(*request_state));
  } catch (const std::exception&) {
    return MHD_NO;  // closes the connection
  }
}

void Listener::on_completed(void* self, MHD_Connection* connection, void** request_state,
                            MHD_RequestTerminationCode code) noexcept {
  Listener& listener = *static_cast<Listener*>(self);
  const OngoingWork::Piece piece(listener.service_.ongoing);
  if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK) {
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, kIdleTimeoutSeconds);
  }
  delete static_cast<ExchangePtr*>(*request_state);
  *request_state = nullptr;
  listener.connections_.answered(client_of(connection).connection);
}

MHD_Result Listener::begin(MHD_Connection* connection, Exchange& exchange) {
  exchange.access = service_.access();
  if (!has_sound_framing(connection)) return send(connection, exchange, bad_request());
  MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, kStallTimeoutSeconds);
  exchange.credentials = credentials_of(connection);
  exchange.verdict = service_.passwords.check_known(*exchange.access, exchange.credentials);
  const auto route = service_.routes.find(exchange.request.path);
  if (route != service_.routes.end()) exchange.route = &route->second;
  if (!rate_limiter_.allow(exchange.access->rate_limit, RateLimiter::Clock::now())) {
    exchange.response = plain_text(MHD_HTTP_TOO_MANY_REQUESTS, "Too many requests\n");
  }
  // An answer at the head says that the body is refused, and the connection is closed after it.
  // That is for methods that have one, and nobody asked for.
  const bool expected = is_allowed(Method::kGet, exchange.method) ||
                        (exchange.route && is_allowed(exchange.route->method, exchange.method));
  if (expected) return MHD_YES;
  if (!exchange.response && exchange.verdict == Verdict::kAccepted) {
    exchange.response = exchange.route ? method_not_allowed(exchange.route->method) : not_found();
  }
  return send(connection, exchange,
              exchange.response ? *exchange.response : unauthorized(connection));
}

MHD_Result Listener::go_on(MHD_Connection* connection, const ExchangePtr& exchange) {
  if (exchange->response) return send(connection, *exchange, *exchange->response);
  if (exchange->verdict == Verdict::kUnknown) {
    exchange->verdict = Verdict::kRefused;  // unless the check finds otherwise
    return defer(connection, exchange, [this](Exchange& waiting) {
      waiting.verdict = service_.passwords.verify(*waiting.access, *waiting.credentials);
    });
  }
  if (exchange->verdict == Verdict::kRefused) {
    return send(connection, *exchange, unauthorized(connection));
  }
  if (!exchange->route) return send(connection, *exchange, not_found());
  const Route& route = *exchange->route;
  if (!is_allowed(route.method, exchange->method)) {
    return send(connection, *exchange, method_not_allowed(route.method));
  }
  if (route.method == Method::kPost) {
    return defer(connection, exchange, [&route](Exchange& waiting) {
      waiting.response = call(route.handler, waiting.request);
    });
  }
  return send(connection, *exchange, call(route.handler, exchange->request));
}

template <typename Step>
MHD_Result Listener::defer(MHD_Connection* connection, const ExchangePtr& exchange, Step step) {
  const auto end_suspension = [](Exchange* waiting) { waiting->resume(); };
  exchange->suspend(connection);
  connections_.deferred(client_of(connection).connection, [exchange] { exchange->resume(); });
  // Whether the job is done or dropped: its end is the suspension's.
  const std::shared_ptr<Exchange> suspension(exchange.get(), end_suspension);
  const bool posted = service_.worker.post([exchange, suspension, step] { step(*exchange); });
  if (!posted) {
    exchange->response = plain_text(MHD_HTTP_SERVICE_UNAVAILABLE, "Too many requests at once\n");
  }
  return MHD_YES;
}

MHD_Result Listener::send(MHD_Connection* connection, const Exchange& exchange,
                          const Response& response) {
  const std::string accepted = header_of(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING);
  const Body gzipped = accepts_gzip(accepted) ? response.body->gzipped() : nullptr;
  const Body body = gzipped ? gzipped : response.body->text();
  Connections::Connection& state = client_of(connection).connection;
  const ResponsePtr reply(MHD_create_response_from_callback(body->size(), kSendBlockBytes,
                                                            &read_body, &state, nullptr));
  if (!reply) return MHD_NO;
  const Headers& configured = exchange.access->headers;
  add_headers(*reply,
              {{MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type},
               {"X-Content-Type-Options", "nosniff"},
               {MHD_HTTP_HEADER_VARY, "Accept, Accept-Encoding"}},
              configured);
  if (gzipped) add_headers(*reply, {{MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip"}}, {});
  add_headers(*reply, response.headers, configured);
  add_headers(*reply, configured, {});
  // When it has ended, those who wait are accepted; who asked comes again.
  if (backlog_.is_stuck(Backlog::Clock::now())) {
    add_headers(*reply, {{MHD_HTTP_HEADER_CONNECTION, "close"}}, {});
  }
  connections_.answering(state, body);
  return MHD_queue_response(connection, static_cast<unsigned>(response.status), reply.get());
}

}  // namespace timewait::web
