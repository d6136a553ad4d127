// A client's TCP connection with a deadline for everything. Not thread-safe.
//
// It is ended by a reset, so that neither side keeps a port in TIME_WAIT.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "inet/endpoint.h"

namespace timewait::health {

class Socket {
 public:
  using Clock = std::chrono::steady_clock;

  static base::Result<Socket> connect(const inet::Endpoint& to, Clock::time_point deadline);

  int fd() const { return fd_.get(); }

  // Until one of the events of poll(2) has come.
  base::Status<> wait(short events) const;

  base::Status<> send(std::string_view bytes) const;
  // How many bytes have come, at least one; 0 when there will be no more.
  base::Result<std::size_t> receive(std::span<char> buffer) const;

 private:
  Socket(base::UniqueFd fd, Clock::time_point deadline) : fd_(std::move(fd)), deadline_(deadline) {}

  base::UniqueFd fd_;
  Clock::time_point deadline_;
};

}  // namespace timewait::health
