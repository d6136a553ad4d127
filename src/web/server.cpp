#include "web/server.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <microhttpd.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "web/accept.h"
#include "web/connections.h"
#include "web/gzip.h"
#include "web/listening_socket.h"

namespace timewait::web {
namespace {

constexpr rlim_t kMaxConnections = 512;
constexpr std::size_t kMaxBodyBytes = std::size_t{64} << 20;  // of all addresses
constexpr std::size_t kConnectionMemoryBytes = std::size_t{16}
                                               << 10;  // a request's head fits in it
constexpr std::size_t kSendBlockBytes = std::size_t{32} << 10;
constexpr std::size_t kMinGzipBytes = 1024;
// Longer than the usual intervals between scrapes, so that a scraper keeps its connection, and the
// TIME_WAIT at its end is the scraper's. Nothing depends on it: Connections makes room at once.
constexpr unsigned kIdleTimeoutSeconds = 120;

constexpr std::string_view kTextPlain = "text/plain; charset=utf-8";

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

// A file descriptor is what a connection costs; the rest of the process needs some too.
std::size_t max_connections() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  return static_cast<std::size_t>(std::min(kMaxConnections, files.rlim_cur / 2));
}

// Every line of a header, joined with commas (RFC 9110, 5.3).
std::string header(MHD_Connection* connection, const char* name) {
  struct Search {
    const char* name;
    std::string lines;
  } search{name, {}};
  const auto append = [](void* closure, MHD_ValueKind, const char* key, const char* value) {
    Search& found = *static_cast<Search*>(closure);
    if (::strcasecmp(key, found.name) == 0 && value != nullptr) {
      if (!found.lines.empty()) found.lines += ", ";
      found.lines += value;
    }
    return MHD_YES;
  };
  MHD_get_connection_values(connection, MHD_HEADER_KIND, append, &search);
  return std::move(search.lines);
}

Response text_response(int status, std::string text) {
  return {status, std::string(kTextPlain), std::move(text)};
}

Response not_found() { return text_response(404, "Not found\n"); }

// The path of a request's target, which a client may write as a whole URI (RFC 9112, 3.2.2).
std::string path_of(std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  if (!target.starts_with(kScheme)) return std::string(target);
  const std::size_t path = target.find('/', kScheme.size());
  return path == std::string_view::npos ? "/" : std::string(target.substr(path));
}

Response call(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (...) {
    return text_response(500, "Internal server error\n");
  }
}

// MHD_ContentReaderCallback. Shutting a connection down takes its body away.
ssize_t read_body(void* closure, std::uint64_t position, char* buffer, std::size_t size) {
  const std::string& body = static_cast<const Connections::Connection*>(closure)->body();
  if (position >= body.size()) return MHD_CONTENT_READER_END_WITH_ERROR;
  return static_cast<ssize_t>(body.copy(buffer, size, static_cast<std::size_t>(position)));
}

}  // namespace

// One listening address. MHD calls everything but the constructor and the destructor on the one
// thread that it starts for the address.
class Server::Listener {
 public:
  Listener(std::string bound, const Routes& routes, std::size_t max_connections,
           std::size_t max_body_bytes)
      : bound_(std::move(bound)),
        routes_(routes),
        max_connections_(max_connections),
        // MHD stops accepting at its own limit; these leave before that.
        connections_(max_connections - std::max<std::size_t>(1, max_connections / 8),
                     max_body_bytes) {}
  ~Listener() {
    if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  base::Status<> start(base::UniqueFd listening);
  const std::string& bound() const { return bound_; }

 private:
  using Connection = Connections::Connection;

  static void on_connection(void* listener, MHD_Connection* connection, void** context,
                            MHD_ConnectionNotificationCode code) noexcept;
  static MHD_Result on_request(void* listener, MHD_Connection* connection, const char* path,
                               const char* method, const char* version, const char* upload,
                               std::size_t* upload_size, void** request_state) noexcept;
  static void on_completed(void* listener, MHD_Connection* connection, void** request_state,
                           MHD_RequestTerminationCode code) noexcept;
  static Connection& state_of(MHD_Connection* connection);

  // Called when the head of a request is there, for each piece of its body, and at its end.
  MHD_Result serve(MHD_Connection* connection, std::string path, std::string_view method,
                   std::size_t& upload_size, void*& request_state);
  Response respond(MHD_Connection* connection, std::string path) const;
  MHD_Result send(MHD_Connection* connection, Response response);

  std::string bound_;
  const Routes& routes_;
  std::size_t max_connections_;
  Connections connections_;
  MHD_Daemon* daemon_ = nullptr;
};

base::Status<> Server::Listener::start(base::UniqueFd listening) {
  const std::uint64_t cookie = socket_cookie(listening.get());
  const int fd = listening.release();
  daemon_ = MHD_start_daemon(
      // No MHD_USE_ERROR_LOG: MHD would write to stderr what clients do wrong.
      static_cast<unsigned>(MHD_USE_EPOLL_INTERNAL_THREAD) | static_cast<unsigned>(MHD_USE_ITC), 0,
      nullptr, nullptr, &Listener::on_request, this,                         //
      MHD_OPTION_LISTEN_SOCKET, fd,                                          //
      MHD_OPTION_NOTIFY_CONNECTION, &Listener::on_connection, this,          //
      MHD_OPTION_NOTIFY_COMPLETED, &Listener::on_completed, this,            //
      MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned>(max_connections_),  //
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemoryBytes,            //
      MHD_OPTION_CONNECTION_TIMEOUT, kIdleTimeoutSeconds,                    //
      MHD_OPTION_END);
  if (daemon_ != nullptr) return base::Ok{};  // which closes the socket when it stops
  // Of the ways to fail, some close the socket and some do not.
  if (socket_cookie(fd) == cookie) base::UniqueFd closes_it(fd);
  return base::Error{"cannot serve " + bound_ + ": too few file descriptors, threads or memory"};
}

void Server::Listener::on_connection(void* listener, MHD_Connection* connection, void** context,
                                     MHD_ConnectionNotificationCode code) noexcept {
  Connections& connections = static_cast<Listener*>(listener)->connections_;
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    const MHD_ConnectionInfo* const info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *context = &connections.opened(info->connect_fd);
  } else {
    // MHD closes the descriptor after this (MHD_cleanup_connections).
    connections.closed(*static_cast<Connection*>(*context));
  }
}

Connections::Connection& Server::Listener::state_of(MHD_Connection* connection) {
  return *static_cast<Connection*>(
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context);
}

MHD_Result Server::Listener::on_request(void* listener, MHD_Connection* connection,
                                        const char* path, const char* method, const char*,
                                        const char*, std::size_t* upload_size,
                                        void** request_state) noexcept {
  try {
    return static_cast<Listener*>(listener)->serve(connection, path_of(path), method, *upload_size,
                                                   *request_state);
  } catch (const std::exception&) {
    return MHD_NO;  // closes the connection
  }
}

void Server::Listener::on_completed(void* listener, MHD_Connection* connection, void**,
                                    MHD_RequestTerminationCode) noexcept {
  static_cast<Listener*>(listener)->connections_.answered(state_of(connection));
}

Response Server::Listener::respond(MHD_Connection* connection, std::string path) const {
  const auto route = routes_.find(path);
  if (route == routes_.end()) return not_found();
  return call(route->second, {std::move(path), header(connection, MHD_HTTP_HEADER_ACCEPT)});
}

MHD_Result Server::Listener::serve(MHD_Connection* connection, std::string path,
                                   std::string_view method, std::size_t& upload_size,
                                   void*& request_state) {
  if (state_of(connection).state() == Connections::State::kShutDown) return MHD_NO;
  if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD) {
    return send(connection, routes_.contains(path)
                                ? text_response(405, "Only GET and HEAD are allowed\n")
                                : not_found());
  }
  // An answer at the head says that the body is refused, and MHD closes the connection after it.
  const bool at_head = request_state == nullptr;
  request_state = this;
  if (at_head) return MHD_YES;
  if (upload_size > 0) {
    upload_size = 0;  // a body means nothing here (RFC 9110, 9.3.1)
    return MHD_YES;
  }
  return send(connection, respond(connection, std::move(path)));
}

MHD_Result Server::Listener::send(MHD_Connection* connection, Response response) {
  bool compressed = false;
  if (response.body.size() >= kMinGzipBytes &&
      accepts_gzip(header(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING))) {
    base::Result<std::string> body = gzip(response.body);
    compressed = body.ok();
    if (compressed) response.body = std::move(*body);
  }
  Connection& state = state_of(connection);
  const ResponsePtr reply(MHD_create_response_from_callback(response.body.size(), kSendBlockBytes,
                                                            &read_body, &state, nullptr));
  if (!reply) return MHD_NO;
  const auto add = [&](const char* name, const char* value) {
    MHD_add_response_header(reply.get(), name, value);
  };
  add(MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type.c_str());
  add("X-Content-Type-Options", "nosniff");
  add(MHD_HTTP_HEADER_VARY, "Accept, Accept-Encoding");
  for (const auto& [name, value] : response.headers) add(name.c_str(), value.c_str());
  if (compressed) add(MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
  if (response.status == MHD_HTTP_METHOD_NOT_ALLOWED) add(MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  connections_.answering(state, std::move(response.body));
  return MHD_queue_response(connection, static_cast<unsigned>(response.status), reply.get());
}

Server::Server(std::unique_ptr<const Routes> routes,
               std::vector<std::unique_ptr<Listener>> listeners)
    : routes_(std::move(routes)), listeners_(std::move(listeners)) {}
Server::Server(Server&&) noexcept = default;
Server::~Server() = default;  // the listeners, declared last, stop first

base::Result<Server> Server::start(const std::vector<ListenAddress>& addresses, Routes routes) {
  std::vector<ListeningSocket> sockets;
  for (const ListenAddress& address : addresses) {
    base::Result<ListeningSocket> socket = open_listening_socket(address);
    if (!socket) return socket.error();
    sockets.push_back(std::move(*socket));
  }
  const std::size_t connections_each = max_connections() / addresses.size();
  if (connections_each < 2) {
    return base::Error{"cannot serve: too few file descriptors (RLIMIT_NOFILE)"};
  }
  auto shared_routes = std::make_unique<const Routes>(std::move(routes));
  std::vector<std::unique_ptr<Listener>> listeners;
  for (ListeningSocket& socket : sockets) {
    auto& listener = listeners.emplace_back(
        std::make_unique<Listener>(std::move(socket.bound), *shared_routes, connections_each,
                                   kMaxBodyBytes / addresses.size()));
    base::Status<> started = listener->start(std::move(socket.fd));
    if (!started) return started.error();
  }
  return Server(std::move(shared_routes), std::move(listeners));
}

std::vector<std::string> Server::bound_addresses() const {
  std::vector<std::string> bound;
  for (const auto& listener : listeners_) bound.push_back(listener->bound());
  return bound;
}

}  // namespace timewait::web
