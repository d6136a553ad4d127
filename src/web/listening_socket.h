// Opens listening sockets. Thread-safe.
#pragma once

#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "inet/endpoint.h"
#include "web/listen_address.h"

namespace timewait::web {

struct ListeningSocket {
  base::UniqueFd fd;     // non-blocking, close-on-exec
  inet::Endpoint bound;  // with the port that the kernel chose if 0 was asked for
};

// [::] takes IPv4 connections too. Every interface is [::], or 0.0.0.0 on a kernel without IPv6.
// The error is one sentence: "cannot listen on ADDRESS: REASON".
base::Result<ListeningSocket> open_listening_socket(const ListenAddress& address);

// All of them or none.
base::Result<std::vector<ListeningSocket>> open_listening_sockets(
    const std::vector<ListenAddress>& addresses);

// The TCP sockets that systemd has opened for this process: sd_listen_fds(3). The error says what
// it passed instead. Call once at most, before there are other threads: it clears the environment
// variables, which are not meant for children.
base::Result<std::vector<ListeningSocket>> take_systemd_sockets();

}  // namespace timewait::web
