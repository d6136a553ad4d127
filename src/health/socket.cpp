#include "health/socket.h"

#include <algorithm>
#include <cerrno>

#include <poll.h>
#include <sys/socket.h>

#include "inet/socket_address.h"

namespace timewait::health {
namespace {

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

base::Result<Socket> Socket::connect(const inet::Endpoint& to, Clock::time_point deadline) {
  inet::SocketAddress address = inet::to_socket_address(to);
  base::UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return base::system_error("cannot open a socket", errno);
  const linger reset_on_close{1, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &reset_on_close, sizeof(reset_on_close));

  Socket socket(std::move(fd), deadline);
  if (::connect(socket.fd(), address.pointer(), address.size) == 0) return socket;
  int error = errno;
  if (error == EINPROGRESS) {
    const base::Status<> connected = socket.wait(POLLOUT);
    if (!connected) return connected.error();
    socklen_t size = sizeof(error);
    ::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error != 0) return base::system_error("cannot connect", error);
  return socket;
}

base::Status<> Socket::wait(short events) const {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    pollfd waiting{fd(), events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<long>(0, left)));
    if (ready > 0) return base::Ok{};
    if (ready == 0) return base::Error{"no answer in time"};
    if (errno != EINTR) return base::system_error("cannot wait for an answer", errno);
  }
}

base::Status<> Socket::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (!would_block(errno)) return base::system_error("cannot send", errno);
    base::Status<> ready = wait(POLLOUT);
    if (!ready) return ready;
  }
  return base::Ok{};
}

base::Result<std::size_t> Socket::receive(std::span<char> buffer) const {
  for (;;) {
    const ssize_t received = ::recv(fd(), buffer.data(), buffer.size(), 0);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (!would_block(errno)) return base::system_error("cannot receive", errno);
    const base::Status<> ready = wait(POLLIN);
    if (!ready) return ready.error();
  }
}

}  // namespace timewait::health
