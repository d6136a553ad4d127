#include "web/server.h"

#include <algorithm>
#include <utility>

#include <sys/resource.h>

#include "web/listener.h"

namespace timewait::web {
namespace {

constexpr rlim_t kMaxConnections = 512;
constexpr std::size_t kMaxBodyBytes = std::size_t{8} << 20;  // of all addresses
// What whoever guesses passwords can make others wait for: less than 20 s with hashes of cost 10.
constexpr std::size_t kMaxWaitingJobs = 256;

// A file descriptor is what a connection costs; the rest of the process needs some too.
std::size_t max_connections() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  return static_cast<std::size_t>(std::min(kMaxConnections, files.rlim_cur / 2));
}

}  // namespace

Server::Server(std::unique_ptr<Service> service) : service_(std::move(service)) {}

Server::Server(Server&&) noexcept = default;

Server::~Server() {
  if (service_) service_->worker.stop();
}

base::Result<Server> Server::start(std::vector<ListeningSocket> sockets, Routes routes,
                                   AccessSource access, OngoingWork& ongoing) {
  const std::size_t connections_each = max_connections() / sockets.size();
  if (connections_each < 2) {
    return base::Error{"cannot serve: too few file descriptors (RLIMIT_NOFILE)"};
  }
  auto service =
      std::make_unique<Service>(std::move(routes), std::move(access), ongoing, kMaxWaitingJobs);
  // From here on the server's destructor stops what was started.
  Server server(std::move(service));
  for (ListeningSocket& socket : sockets) {
    auto& listener = server.listeners_.emplace_back(std::make_unique<Listener>(
        *server.service_, connections_each, kMaxBodyBytes / sockets.size()));
    base::Status<> started = listener->start(std::move(socket));
    if (!started) return started.error();
  }
  return server;
}

}  // namespace timewait::web
