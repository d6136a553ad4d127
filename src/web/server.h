// An HTTP/1.1 server for a few fixed paths. Knows nothing of what it serves.
//
// Built on GNU libmicrohttpd: it waits for all clients at once with epoll, where a server with a
// thread per connection is stopped by as many slow clients as it has threads, and it takes a
// listening socket that is already open.
//
// One thread per listening address does everything for its clients, the handlers of GET included,
// so a slow handler delays the other clients of that address. Passwords are checked, and POST is
// handled, on one more thread of low priority, while the clients concerned wait and nobody else
// does. No client can hold up another one or make memory grow: connections and the bodies under way
// are limited, see web/connections.h.
//
// What a client sees beyond the handler's answer: 400 where it is not certain at which byte a
// request ends; 401 without one of the passwords, where there are any, or 403 if a script says that
// it asks (X-Requested-With: XMLHttpRequest); 404 for any other path; 405 for another method; 429
// beyond the rate limit; gzip for a body that is worth it if the client accepts it; connections are
// kept open between requests.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "web/access.h"
#include "web/listening_socket.h"
#include "web/ongoing_work.h"
#include "web/routes.h"

namespace timewait::web {

class Listener;
struct Service;

class Server {
 public:
  // Serves every socket, or none and says why. `sockets` is not empty. The server's threads block
  // the signals that the caller blocks. At most 512 connections, and at most a half of
  // RLIMIT_NOFILE, are open at once, and each socket has an equal share of them. There is TLS for
  // good if there is now. `ongoing`, which outlives the server, is told what the threads of the
  // addresses are at: none of it takes long, whatever clients do.
  static base::Result<Server> start(std::vector<ListeningSocket> sockets, Routes routes,
                                    AccessSource access, OngoingWork& ongoing);

  Server(Server&&) noexcept;
  // Closes every connection, whatever its state, and waits for handlers that are running.
  ~Server();

 private:
  explicit Server(std::unique_ptr<Service> service);

  std::unique_ptr<Service> service_;  // the listeners' threads use it
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace timewait::web
