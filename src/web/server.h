// An HTTP/1.1 server for GET and HEAD on a few fixed paths. Knows nothing of what it serves.
//
// Built on GNU libmicrohttpd: it waits for all clients at once with epoll, where a server with a
// thread per connection is stopped by as many slow clients as it has threads, and it takes a
// listening socket that is already open.
//
// One thread per listening address does everything for its clients, the handlers included, so a
// slow handler delays the other clients of that address. No client can hold up another one or make
// memory grow: connections and the bodies under way are limited, see web/connections.h.
//
// What a client sees beyond the handler's answer: 404 for any other path; 405 for any other method;
// gzip for a body that is worth it if the client accepts it; connections are kept open between
// requests.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "web/listen_address.h"

namespace timewait::web {

struct Request {
  std::string path;    // without the query
  std::string accept;  // the Accept header, its lines joined with commas; for best_media_type()
};

struct Response {
  int status = 200;
  std::string content_type;
  std::string body;
  // Further headers: name and value.
  std::vector<std::pair<std::string, std::string>> headers{};
};

// Called for GET, and for HEAD, whose body the server drops. Must be thread-safe: each listening
// address calls it from a thread of its own. The client sees an exception as status 500.
using Handler = std::function<Response(const Request&)>;

using Routes = std::map<std::string, Handler, std::less<>>;  // by exact path

class Server {
 public:
  // Listens on every address, or on none and says why: "cannot listen on :10048: Address already in
  // use". `addresses` is not empty. The server's threads block the signals that the caller blocks.
  // At most 512 connections, and at most a half of RLIMIT_NOFILE, are open at once, and each
  // address has an equal share of them.
  static base::Result<Server> start(const std::vector<ListenAddress>& addresses, Routes routes);

  Server(Server&&) noexcept;
  // Closes every connection, whatever its state, and waits for handlers that are running.
  ~Server();

  // "127.0.0.1:10048", in the order of start()'s addresses, with the ports that the kernel chose.
  // Thread-safe.
  std::vector<std::string> bound_addresses() const;

 private:
  class Listener;

  Server(std::unique_ptr<const Routes> routes, std::vector<std::unique_ptr<Listener>> listeners);

  std::unique_ptr<const Routes> routes_;  // the listeners' threads read it
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace timewait::web
