// Opens listening sockets. Thread-safe.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "web/listen_address.h"

namespace timewait::web {

struct ListeningSocket {
  base::UniqueFd fd;  // non-blocking, close-on-exec
  std::string bound;  // "127.0.0.1:10048", with the port that the kernel chose if 0 was asked for
};

// [::] takes IPv4 connections too. Every interface is [::], or 0.0.0.0 on a kernel without IPv6.
// The error is one sentence: "cannot listen on ADDRESS: REASON".
base::Result<ListeningSocket> open_listening_socket(const ListenAddress& address);

}  // namespace timewait::web
