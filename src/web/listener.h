// One listening socket of a server, and the thread that serves its clients.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include <microhttpd.h>

#include "base/result.h"
#include "web/backlog.h"
#include "web/basic_auth.h"
#include "web/connections.h"
#include "web/listening_socket.h"
#include "web/ongoing_work.h"
#include "web/rate_limiter.h"
#include "web/routes.h"
#include "web/worker.h"

namespace timewait::web {

// What the listeners of a server share. Thread-safe.
struct Service {
  Service(Routes all_routes, AccessSource access_source, OngoingWork& ongoing_work,
          std::size_t max_waiting_jobs)
      : routes(std::move(all_routes)),
        access(std::move(access_source)),
        ongoing(ongoing_work),
        worker(max_waiting_jobs) {}

  const Routes routes;
  const AccessSource access;
  OngoingWork& ongoing;
  BasicAuth passwords;
  Worker worker;
};

// libmicrohttpd calls everything but the constructor, start() and the destructor on the one thread
// that it starts for the socket.
class Listener {
 public:
  // `service` outlives the listener.
  Listener(Service& service, std::size_t max_connections, std::size_t max_body_bytes);
  // Before this, the service's worker has to be stopped.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  base::Status<> start(ListeningSocket listening);

 private:
  struct Client;
  struct Exchange;
  using ExchangePtr = std::shared_ptr<Exchange>;

  static void on_connection(void* self, MHD_Connection* connection, void** context,
                            MHD_ConnectionNotificationCode code) noexcept;
  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* target,
                               const char* method, const char* version, const char* upload,
                               std::size_t* upload_size, void** request_state) noexcept;
  static void on_completed(void* self, MHD_Connection* connection, void** request_state,
                           MHD_RequestTerminationCode code) noexcept;
  static Client& client_of(MHD_Connection* connection);

  // The steps of an exchange. At its head: what can be refused without reading on; at its end, and
  // again each time that what it waited for is done: the next step.
  MHD_Result begin(MHD_Connection* connection, Exchange& exchange);
  MHD_Result go_on(MHD_Connection* connection, const ExchangePtr& exchange);
  // Lets `step` of the exchange be done by the worker; go_on() follows.
  template <typename Step>
  MHD_Result defer(MHD_Connection* connection, const ExchangePtr& exchange, Step step);
  MHD_Result send(MHD_Connection* connection, const Exchange& exchange, const Response& response);

  Service& service_;
  std::size_t max_connections_;
  Connections connections_;
  Backlog backlog_;
  RateLimiter rate_limiter_;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace timewait::web
